// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/confined.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "base/child.hpp"
#include "base/error.hpp"
#include "temporary_dir.hpp"
#include "worker/repository/repository.hpp"
#include "worker/repository/repository_program.hpp"

namespace berth::worker {
namespace {

std::string local(const std::string& url, const char* kind) {
  try {
    return local_repository(url, kind);
  } catch (const Error& e) {
    return "refused";
  }
}

std::string target(const std::string& url) {
  const SshTarget out = ssh_target(url);
  return out.host + (out.port.empty() ? "" : " " + out.port);
}

bool may_read(const Confinement& allowed, const std::string& path) {
  return std::find(allowed.read.begin(), allowed.read.end(), path) !=
         allowed.read.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(confined)

BOOST_AUTO_TEST_CASE(a_file_url_is_decoded_as_svn_and_git_do) {
  for (const char* kind : {"svn", "git"}) {
    BOOST_TEST(local("/srv/a%20b", kind) == "/srv/a%20b");
    BOOST_TEST(local("file:///srv/a%20b", kind) == "/srv/a b");
    BOOST_TEST(local("file:///srv/%2e%2E/x", kind) == "/srv/../x");
    for (const char* elsewhere :
         {"svn://h/x", "https://h/x", "ssh://h/x", "git@h:x"}) {
      BOOST_TEST(local(elsewhere, kind) == "", elsewhere);
    }
    for (const char* bad :
         {"file://build/srv", "file:/srv", "file:srv", "FILE:///srv",
          "file://", "file:///srv%", "file:///srv%2", "file:///srv%zz",
          "file:///srv%00", "file://localhost", "file://localhost.x/srv"}) {
      BOOST_TEST(local(bad, kind) == "refused", bad);
    }
  }
  BOOST_TEST(local("file://localhost/srv/x", "svn") == "/srv/x");
  BOOST_TEST(local("file://localhost/srv/x", "git") == "refused");
}

// What is granted is what the program opens.
BOOST_AUTO_TEST_CASE(a_repository_with_blanks_in_its_path_is_read) {
  const TemporaryDir folder;
  const auto done = [](const std::vector<std::string>& argv) {
    const RunResult r = run(argv, 60000);
    BOOST_REQUIRE_MESSAGE(r.status.ok(), r.err);
  };
  done({"svnadmin", "create", folder / "a b"});
  done({"git", "init", "-q", "-b", "main", folder / "c d"});
  done({"git", "-C", folder / "c d", "-c", "user.name=a", "-c",
        "user.email=b@c", "commit", "-q", "--allow-empty", "-m", "x"});
  ApplicationConfig application;
  Link link{Fd()};
  application.kind = "svn";
  application.paths = {"*"};
  for (const char* front : {"file://", "file://localhost"}) {
    application.repository = front + (folder / "a%20b");
    BOOST_CHECK_NO_THROW(list_paths(application, link, Deadline::in_s(60)));
  }
  application.kind = "git";
  application.repository = "file://" + (folder / "c%20d");
  BOOST_TEST(list_paths(application, link, Deadline::in_s(60)).paths.size() ==
             1u);
}

BOOST_AUTO_TEST_CASE(the_host_of_a_url_is_what_ssh_connects_to) {
  BOOST_TEST(target("svn+ssh://svn@host/x") == "svn@host");
  BOOST_TEST(target("ssh://git@host:2222/x.git") == "git@host 2222");
  BOOST_TEST(target("git+ssh://host") == "host");
  BOOST_TEST(target("ssh://[fe80::1]:22/x") == "fe80::1 22");
  BOOST_TEST(target("git@host:a/b@c.git") == "git@host");
  BOOST_TEST(target("host:/srv/x") == "host");
  BOOST_TEST(target("git@[::1]:x") == "git@::1");
  BOOST_TEST(target("[host:2222]:x") == "host 2222");
  BOOST_CHECK_THROW(target("ssh:///x"), Error);
}

BOOST_AUTO_TEST_CASE(a_client_key_is_read_only_where_conninfo_names_it) {
  const auto allowed = [](const std::map<std::string, std::string>& conninfo) {
    return confined_pg_restore("/dump", "/list", conninfo);
  };
  const std::string key = "/home/berth/.postgresql/postgresql.key";
  for (const std::string& path : allowed({}).read) {
    BOOST_TEST(path.find("postgresql.key") == std::string::npos, path);
    BOOST_TEST(path.find("postgresql.crt") == std::string::npos, path);
  }
  BOOST_TEST(may_read(allowed({{"sslkey", key}}), key));
}

BOOST_AUTO_TEST_CASE(only_what_needs_the_network_has_it) {
  ApplicationConfig svn;
  svn.kind = "svn";
  const auto sockets = [&](const char* url) {
    svn.repository = url;
    return confined_repository(svn).calls.sockets;
  };
  BOOST_CHECK(sockets("svn://h/x") == Sockets::network);
  BOOST_CHECK(sockets("https://h/x") == Sockets::network);
  BOOST_CHECK(sockets("svn+ssh://h/x") == Sockets::local);
  BOOST_CHECK(sockets("file:///x") == Sockets::none);
  BOOST_CHECK(confined_pg_restore("/d").calls.sockets == Sockets::none);
  BOOST_CHECK(confined_pg_restore("/d", "/l", {{"host", "/run/postgresql"}})
                  .calls.sockets == Sockets::local);
  BOOST_CHECK(confined_pg_restore("/d", "/l", {{"host", "db1"}})
                  .calls.sockets == Sockets::network);
  BOOST_CHECK(confined_rsync("/c").calls.sockets == Sockets::local);
  BOOST_CHECK(confined_diff().calls.sockets == Sockets::none);
  BOOST_CHECK(confined_key_search("/k").calls.sockets == Sockets::none);
  BOOST_CHECK(confined_seed("/s").calls.sockets == Sockets::none);
  // ssh alone reads a key, and the programs it is used by do not.
  svn.repository = "svn+ssh://h/x";
  for (const std::string& path : confined_repository(svn).read) {
    BOOST_TEST(path.find("/.ssh") == std::string::npos, path);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
