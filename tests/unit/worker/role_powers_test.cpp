// SPDX-License-Identifier: GPL-2.0-or-later
// What a role may do that SQL of a dump must not, given and taken away.
#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "postgres.hpp"
#include "worker/role_powers.hpp"

namespace berth::worker {
namespace {

struct PowersFixture : ClusterFixture {
  PowersFixture() { plain(); }
  ~PowersFixture() { plain(); }
  void plain() {
    for (const char* role : {"shop", "shop_restore"}) {
      root->run(std::string("ALTER ROLE ") + role +
                " NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION "
                "NOBYPASSRLS");
    }
    root->run("DROP ROLE IF EXISTS group_a, \"group B\"");
    root->run("REVOKE eve, pg_monitor, pg_read_server_files FROM shop");
    root->run("GRANT shop TO berth, shop_restore");
  }
  std::string said(const RolePowers& powers) {
    return join(powers.held, "; ");
  }
  // It is said so, and what is printed takes it away.
  void named(const std::string& sql, const std::string& wanted) {
    for (const auto& one : split(sql)) root->run(one);
    const RolePowers powers = powers_of_owner(*cluster, "shop");
    BOOST_TEST(said(powers) == wanted);
    for (const std::string& one : powers.sql) root->run(one);
    BOOST_TEST(said(powers_of_owner(*cluster, "shop")) == "", sql);
    plain();
  }
  std::vector<std::string> split(const std::string& sql) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < sql.size();) {
      const std::size_t end = std::min(sql.find("; ", at), sql.size());
      out.push_back(sql.substr(at, end - at));
      at = end + 2;
    }
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(powers_of_a_role, PowersFixture)

BOOST_AUTO_TEST_CASE(that_reach_beyond_its_databases_are_named_and_taken_away) {
  BOOST_TEST(said(powers_of_owner(*cluster, "shop")) == "");
  BOOST_TEST(said(powers_of_owner(*cluster, "missing")) == "");
  named("ALTER ROLE shop SUPERUSER", "is a superuser");
  named("ALTER ROLE shop CREATEROLE REPLICATION BYPASSRLS",
        "has CREATEROLE; has REPLICATION; has BYPASSRLS");
  named("GRANT pg_read_server_files TO shop",
        "is a member of pg_read_server_files");
  named("CREATE ROLE group_a; CREATE ROLE \"group B\"; "
        "GRANT pg_monitor TO \"group B\"; GRANT \"group B\" TO group_a; "
        "GRANT group_a TO shop",
        "is a member of pg_monitor; is a member of pg_read_all_settings; "
        "is a member of pg_read_all_stats; is a member of pg_stat_scan_tables");
  named("CREATE ROLE group_a CREATEROLE; GRANT group_a TO shop",
        "is a member of group_a, which has CREATEROLE");
  named("CREATE ROLE group_a SUPERUSER NOINHERIT; GRANT group_a TO shop",
        "is a member of group_a, which is a superuser");
  // What it may have: a group, and the database that we are in.
  root->run("GRANT eve TO shop");
  root->run("ALTER DATABASE postgres OWNER TO shop");
  const std::string owner = said(powers_of_owner(*cluster, "shop"));
  root->run("ALTER DATABASE postgres OWNER TO root");
  BOOST_TEST(owner == "");
  BOOST_TEST(!powers_of_owner(*cluster, "shop").createdb);
  root->run("ALTER ROLE shop CREATEDB");
  BOOST_TEST(powers_of_owner(*cluster, "shop").createdb);
}

BOOST_AUTO_TEST_CASE(who_can_become_berth_has_all_of_them) {
  root->run("REVOKE shop FROM berth");
  named("GRANT berth TO shop",
        "is a member of berth, Berth's own role; is a member of "
        "pg_signal_backend");
}

BOOST_AUTO_TEST_CASE(of_who_restores_are_not_those_of_the_owner) {
  root->run("ALTER ROLE shop_restore BYPASSRLS");
  BOOST_TEST(said(powers_of_login(*cluster, "shop_restore", "shop")) == "");
  BOOST_CHECK_NO_THROW(require_no_powers(*cluster, "shop", "shop_restore"));
  root->run("GRANT pg_monitor TO shop");
  BOOST_TEST(said(powers_of_login(*cluster, "shop_restore", "shop")) == "");
  BOOST_CHECK_EXCEPTION(
      require_no_powers(*cluster, "shop", "shop_restore"), Error,
      [](const Error& e) {
        return std::string(e.what()).find(
                   "refresh role shop: SQL of a dump runs as the owner, and "
                   "shop is a member of pg_monitor") == 0;
      });
  root->run("REVOKE pg_monitor FROM shop");
  root->run("ALTER ROLE shop_restore REPLICATION");
  BOOST_CHECK_EXCEPTION(
      require_no_powers(*cluster, "shop", "shop_restore"), Error,
      [](const Error& e) {
        const std::string text = e.what();
        return text.find("refresh role shop_restore: ") == 0 &&
               text.find("has REPLICATION, which reaches beyond its own "
                         "databases; run as a superuser: ALTER ROLE "
                         "\"shop_restore\" NOREPLICATION") !=
                   std::string::npos;
      });
  BOOST_CHECK_NO_THROW(require_no_powers(*cluster, "shop", ""));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
