// SPDX-License-Identifier: GPL-2.0-or-later
// Who gets the password: a server that answers on a TCP socket of this test
// sees whether anything was sent to it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "worker/cluster/connection.hpp"
#include "worker/cluster/connection_help.hpp"
#include "worker/cluster/local_server.hpp"
#include "worker/cluster/service_file.hpp"
#include "worker/cluster/sqlstate.hpp"
#include "worker/job/confined.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

// A port of 127.0.0.1 that takes connections and never answers.
class Impostor {
 public:
  Impostor() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    auto* address = reinterpret_cast<sockaddr*>(&at);
    socklen_t size = sizeof at;
    if (::bind(fd_.get(), address, size) != 0 ||
        ::listen(fd_.get(), 8) != 0 ||
        ::getsockname(fd_.get(), address, &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ::ntohs(at.sin_port);
  }
  std::string port() const { return std::to_string(port_); }
  // What the next client sent until it hung up.
  std::string heard() {
    const Fd client(::accept(fd_.get(), nullptr, nullptr));
    std::string out;
    char buffer[1000];
    while (true) {
      const ssize_t n = ::read(client.get(), buffer, sizeof buffer);
      if (n <= 0) return out;
      out.append(buffer, static_cast<std::size_t>(n));
    }
  }

 private:
  Fd fd_;
  in_port_t port_ = 0;
};

// Waits for a fake server, however busy the machine is.
template <class Ready>
void wait_for(const char* what, Ready ready) {
  for (int i = 0; !ready(); ++i) {
    if (i == 600) throw std::runtime_error(std::string(what) + " in 30 s");
    ::usleep(50 * 1000);
  }
}

// A server on a socket in `dir` that answers every login with one error. The
// socket gets its name when it listens: between bind and listen connections to
// it are refused.
class ForeignServer {
 public:
  ForeignServer(const TemporaryDir& dir, const std::string& code,
                const std::string& words)
      : child_(Child::start(
            {"/usr/bin/python3", "-ISc",
             "import os, socket, sys\n"
             "path, code, words = sys.argv[1:]\n"
             "s = socket.socket(socket.AF_UNIX)\n"
             "s.bind(path + '.new')\n"
             "s.listen(5)\n"
             "os.rename(path + '.new', path)\n"
             "e = ('SFATAL\\0VFATAL\\0C%s\\0M%s\\0Dmehr\\0'\n"
             "     'Fpostinit.c\\0L366\\0RCheckMyDatabase\\0\\0' %\n"
             "     (code, words)).encode()\n"
             "while True:\n"
             "  c = s.accept()[0]\n"
             "  c.recv(1000)\n"
             "  c.send(b'E' + (4 + len(e)).to_bytes(4, 'big') + e)\n"
             "  c.close()",
             dir / ".s.PGSQL.1", code, words})) {
    wait_for("no fake server", [&] {
      return ::access((dir / ".s.PGSQL.1").c_str(), F_OK) == 0;
    });
  }

 private:
  Child child_;
};

// Listens as another account where PostgreSQL should, asks for the password
// itself, and writes down what it gets.
class Thief {
 public:
  // `socket`: in this folder, else on the loopback.
  Thief(const std::string& heard, const std::string& account,
        const std::string& socket = "")
      : heard_(heard), child_(Child::start(program(heard, account, socket))) {
    wait_for("no thief", [&] { return !port().empty(); });
  }
  std::string port() const {
    const std::string all = said();
    return all.substr(0, all.find('\n'));
  }
  std::string said() const {
    std::ifstream file(heard_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  static std::vector<std::string> program(const std::string& heard,
                                          const std::string& account,
                                          const std::string& socket) {
    std::vector<std::string> command = {
        "/usr/bin/python3", "-ISc",
        "import socket, sys\n"
        "heard, path = sys.argv[1:]\n"
        "s = socket.socket(socket.AF_UNIX if path else socket.AF_INET)\n"
        "s.bind(path + '/.s.PGSQL.1' if path else ('127.0.0.1', 0))\n"
        "s.listen(5)\n"
        "f = open(heard, 'ab', 0)\n"
        "f.write(b'%d\\n' % (1 if path else s.getsockname()[1]))\n"
        "while True:\n"
        "  c = s.accept()[0]\n"
        "  try:\n"
        "    if c.recv(8)[4:] != b'\\0\\3\\0\\0': c.send(b'N'); c.recv(8)\n"
        "    c.recv(1000)\n"
        "    c.send(b'R' + (8).to_bytes(4, 'big') + (3).to_bytes(4, 'big'))\n"
        "    f.write(b'got %s\\n' % c.recv(1000))\n"
        "  except OSError: pass\n"
        "  c.close()",
        heard, socket};
    if (!account.empty()) {
      command.insert(command.begin(),
                     {"setpriv", "--reuid=" + account, "--clear-groups"});
    }
    return command;
  }

  std::string heard_;
  Child child_;
};

// Where each account may write.
struct OpenDir : TemporaryDir {
  OpenDir() {
    ::chmod(path().c_str(), 0777);
    put("heard", "");
    ::chmod((*this / "heard").c_str(), 0666);
  }
};

std::string refusal_of(const Conninfo& conninfo) {
  Link link{Fd()};
  try {
    Connection connection("cluster db1", conninfo, "test", link);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_to_a_cluster)

BOOST_AUTO_TEST_CASE(nothing_is_sent_to_a_server_that_proves_nothing) {
  // By a service file, which only libpq reads. 127.0.0.1 in another notation:
  // for the rule, another machine.
  Impostor impostor;
  TemporaryDir dir;
  dir.put("service.conf", "[berth]\nhost=0x7f000001\nport=" + impostor.port() +
                              "\nuser=berth\npassword=secret\n");
  ::setenv("PGSERVICEFILE", (dir / "service.conf").c_str(), 1);
  const std::string why = refusal_of(std::string("service=berth"));
  BOOST_TEST(why.find("leads to another machine with sslmode=prefer") !=
             std::string::npos, why);
  BOOST_TEST(impostor.heard() == "");
  // Nor to what the environment names.
  ::setenv("PGHOST", "0x7f000001", 1);
  ::setenv("PGPORT", impostor.port().c_str(), 1);
  BOOST_TEST(refusal_of(std::string("user=berth dbname=berth"))
                 .find("leads to another machine") != std::string::npos);
  BOOST_TEST(impostor.heard() == "");
  ::unsetenv("PGHOST");
  ::unsetenv("PGPORT");
  ::unsetenv("PGSERVICEFILE");
}

// Its words are in the language of its lc_messages; only the code is known.
BOOST_AUTO_TEST_CASE(a_refused_login_has_the_servers_code_in_any_language) {
  const auto refused = [](const std::string& code, const std::string& words,
                          std::string& state) -> std::string {
    const TemporaryDir dir;
    const ForeignServer server(dir, code, words);
    Link link{Fd()};
    try {
      Connection("role x", Conninfo("host=" + dir.path() + " port=1 user=x"),
                 "test", link);
    } catch (const NotLetIn& e) {
      state = e.sqlstate();
      return e.cause();
    }
    return "";
  };
  std::string state;
  std::string why = refused(
      "42501", "keine Berechtigung f\xC3\xBCr Datenbank \xC2\xBBx\xC2\xAB",
      state);
  BOOST_TEST(state == "42501");
  BOOST_TEST(why.ends_with("failed: FATAL: keine Berechtigung f\xC3\xBCr "
                           "Datenbank \xC2\xBBx\xC2\xAB DETAIL: mehr"),
             why);
  why = refused("28P01", "words:  42501: none", state);
  BOOST_TEST(state == "28P01");
  BOOST_TEST(why.ends_with("failed: FATAL: words: 42501: none DETAIL: mehr"),
             why);
  std::string text = "could not connect:  a: b\nLOCATION:  f, x.c:1";
  BOOST_TEST(take_sqlstate(text) == "");
  BOOST_TEST(text == "could not connect:  a: b\n");
}

BOOST_AUTO_TEST_CASE(what_helps_is_known_in_other_languages) {
  const auto helps = [](const char* cause, const char* sql) {
    return what_helps("42501", cause, sql, "berth");
  };
  BOOST_TEST(helps("keine Berechtigung f\xC3\xBCr Funktion pg_ls_dir",
                   "SELECT pg_ls_dir($1)") ==
             "as a superuser: GRANT EXECUTE ON FUNCTION pg_ls_dir(text), "
             "pg_ls_dir(text, boolean, boolean) TO \"berth\"");
  BOOST_TEST(helps("permission denied to create database",
                   "CREATE DATABASE x") ==
             "as a superuser: ALTER ROLE \"berth\" CREATEDB");
  BOOST_TEST(helps("keine Berechtigung, um Datenbank zu erzeugen",
                   "CREATE DATABASE x")
                 .find("as a superuser: ALTER ROLE \"berth\" CREATEDB, and "
                       "grant it the role that will own") == 0u);
  BOOST_TEST(helps("Berechtigung nur f\xC3\xBCr Eigent\xC3\xBCmer",
                   "ALTER DATABASE x RENAME TO y")
                 .find("as a superuser: ALTER ROLE \"berth\" CREATEDB") == 0u);
  BOOST_TEST(helps("permission denied to copy database \"x\"",
                   "CREATE DATABASE y") ==
             "`berthctl doctor` lists the missing grants");
}

BOOST_AUTO_TEST_CASE(what_an_administrator_accepts_is_used) {
  // Nobody listens there: it was tried.
  ClusterConfig config;
  config.name = "db1";
  config.conninfo = "host=0x7f000001 port=1 user=berth";
  BOOST_TEST(refusal_of(config).find("leads to another machine") !=
             std::string::npos);
  config.insecure = true;
  BOOST_TEST(refusal_of(config).find("refused") != std::string::npos,
             refusal_of(config));
}

// An account that listens in place of a PostgreSQL that does not run got the
// cluster's password, in clear.
BOOST_AUTO_TEST_CASE(no_password_for_another_account_of_this_machine) {
  for (const bool loopback : {true, false}) {
    const OpenDir dir;
    const bool root = ::geteuid() == 0;
    const Thief thief(dir / "heard", root ? "nobody" : "",
                      loopback ? "" : dir.path());
    const std::string conninfo =
        "host=" + (loopback ? "127.0.0.1" : dir.path()) +
        " port=" + thief.port() + " user=berth dbname=x password=secret";
    // Who is not root can only be an account that was not meant.
    const std::string why =
        refusal_of(conninfo + (root ? "" : " requirepeer=nobody"));
    BOOST_TEST(thief.said().find("secret") == std::string::npos,
               thief.said());
    const std::string answers =
        loopback ? " answers at 127.0.0.1 port " + thief.port()
                 : " answers on the socket";
    BOOST_TEST(why.find(answers) != std::string::npos, why);
    if (!root) continue;
    BOOST_TEST(why.find("account nobody") != std::string::npos, why);
    // Whose account it is an administrator can say.
    refusal_of(conninfo + " requirepeer=nobody");
    BOOST_TEST(thief.said().find("secret") != std::string::npos,
               thief.said());
  }
}

BOOST_AUTO_TEST_CASE(a_local_name_that_leads_elsewhere_is_refused) {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = ::htons(5432);
  ::inet_pton(AF_INET, "192.0.2.1", &at.sin_addr);
  // No packet is sent for that, but there must be a route.
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at)) {
    return;
  }
  BOOST_TEST(why_not_the_server(socket.get(), "", false)
                 .find("192.0.2.1 port 5432, which is not a loopback") !=
             std::string::npos);
  BOOST_TEST(why_not_the_server(socket.get(), "", true) == "");
}

BOOST_AUTO_TEST_CASE(no_password_itself_where_libpq_can_refuse_it) {
  const std::string far = "host=db1 sslmode=verify-full";
  BOOST_TEST(require_auth(far, 150000) == "");
  BOOST_TEST(require_auth(far, 160000) == "!password,!md5");
  BOOST_TEST(require_auth("host=/run/postgresql", 160000) == "");
  BOOST_TEST(require_auth("service=berth", 160000) == "");
}

BOOST_AUTO_TEST_CASE(our_settings_come_after_all_others_and_reset_keeps_them) {
  ClusterFixture fixture;
  const std::string conninfo = Postgres::instance().conninfo("shop");
  fixture.root->run("ALTER ROLE shop SET search_path = decoy");
  fixture.root->run("ALTER ROLE shop SET lock_timeout = 1");
  const auto shown = [](Connection& sql, const std::string& name) {
    return *sql.query("SHOW " + name).at(0).at(0);
  };
  for (const char* options : {"", " options='-c search_path=decoy -c "
                                  "statement_timeout=7s'"}) {
    Connection sql("test", conninfo + options, "test", fixture.link, "", "",
                   {{"temp_buffers", "4MB"}, {"my.words", "a b\\c"}});
    for (const char* reset : {"RESET search_path", "RESET ALL", "DISCARD ALL"}) {
      BOOST_TEST(shown(sql, "search_path") == "pg_catalog,pg_temp");
      BOOST_TEST(shown(sql, "lock_timeout") == "10s");
      BOOST_TEST(shown(sql, "temp_buffers") == "4MB");
      BOOST_TEST(shown(sql, "my.words") == "a b\\c");
      // An administrator's other options are his.
      BOOST_TEST(shown(sql, "statement_timeout") == (*options ? "7s" : "0"));
      sql.run(reset);
    }
  }
  ::setenv("PGOPTIONS", "-c statement_timeout=8s", 1);
  Connection sql("test", conninfo, "test", fixture.link);
  BOOST_TEST(shown(sql, "statement_timeout") == "8s");
  ::unsetenv("PGOPTIONS");
  fixture.root->run("ALTER ROLE shop RESET ALL");
}

// What everybody may read of a command line is not what a service file has.
BOOST_AUTO_TEST_CASE(a_service_file_without_a_name_leads_to_the_cluster) {
  ClusterFixture fixture;
  Connection first("test", Postgres::instance().conninfo("shop"), "it's",
                   fixture.link, "", "", {{"work_mem", "5MB"}});
  auto values = first.parameters();
  values["sslpassword"] = "it's \\ secret";
  const ServiceFile file(values);
  TemporaryDir dir;
  dir.put("list", "");
  ChildOptions options;
  options.pass = {{ServiceFile::kNumber, file.fd()}};
  options.environment = {"PATH=/usr/bin:/bin",
                         "PGSERVICEFILE=" + ServiceFile::path()};
  const std::string list = std::filesystem::canonical(dir / "list");
  options.confinement = confined_pg_restore(list, list, values);
  const RunResult psql = berth::run(
      {"psql", "-XAtc",
       "SELECT current_user, current_setting('application_name'), "
       "current_setting('work_mem')", ServiceFile::conninfo()},
      20000, 1 << 20, options);
  BOOST_TEST(psql.out == "shop|it's|5MB\n", psql.err);
  for (const char* bad : {"a\nb", "blank ", "\r"}) {
    values["sslpassword"] = bad;
    BOOST_CHECK_THROW(ServiceFile{values}, Error);
  }
  values["sslpassword"] = std::string(2000, 'x');
  BOOST_CHECK_THROW(ServiceFile{values}, Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
