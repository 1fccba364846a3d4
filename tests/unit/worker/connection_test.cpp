// SPDX-License-Identifier: GPL-2.0-or-later
// Who gets the password: a server that answers on a TCP socket of this test
// sees whether anything was sent to it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "postgres.hpp"
#include "worker/confined.hpp"
#include "worker/connection.hpp"
#include "worker/service_file.hpp"

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
