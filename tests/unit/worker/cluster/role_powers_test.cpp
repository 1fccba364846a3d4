// SPDX-License-Identifier: GPL-2.0-or-later
// What a role may do that SQL of a dump must not, given and taken away.
#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "worker/cluster/role_powers.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct PowersFixture : ClusterFixture {
  PowersFixture() {
    all = calm_facts().config;
    all.hosts["kvm1"].servers = {"qa*"};
    plain();
  }
  ~PowersFixture() { plain(); }
  void plain() {
    for (const char* role : {"shop", "shop_restore"}) {
      root->run(std::string("ALTER ROLE ") + role +
                " NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION "
                "NOBYPASSRLS");
    }
    for (const auto& database : made) {
      root->run("DROP DATABASE IF EXISTS " + root->identifier(database));
    }
    root->run("DROP ROLE IF EXISTS group_a, \"group B\", blog");
    root->run("REVOKE eve, pg_monitor, pg_read_server_files FROM shop");
    root->run("GRANT shop TO berth, shop_restore");
  }
  void make(const std::string& database, const std::string& owner) {
    made.push_back(database);
    root->run("CREATE DATABASE " + root->identifier(database) + " OWNER " +
              root->identifier(owner));
  }
  std::string refused(const std::string& restore_user = "shop_restore") {
    try {
      require_no_powers(*cluster, all, "shop", restore_user);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  std::string said(const RolePowers& powers) {
    return join(powers.held, "; ");
  }
  // It is said so, and what is printed takes it away.
  void named(const std::string& sql, const std::string& wanted) {
    for (const auto& one : split(sql)) root->run(one);
    const RolePowers powers = powers_of_owner(*cluster, all, "shop");
    BOOST_TEST(said(powers) == wanted);
    for (const std::string& one : powers.sql) root->run(one);
    BOOST_TEST(said(powers_of_owner(*cluster, all, "shop")) == "", sql);
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
  Config all;
  std::vector<std::string> made;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(powers_of_a_role, PowersFixture)

BOOST_AUTO_TEST_CASE(that_reach_beyond_its_databases_are_named_and_taken_away) {
  BOOST_TEST(said(powers_of_owner(*cluster, all, "shop")) == "");
  BOOST_TEST(said(powers_of_owner(*cluster, all, "missing")) == "");
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
  const std::string owner = said(powers_of_owner(*cluster, all, "shop"));
  root->run("ALTER DATABASE postgres OWNER TO root");
  BOOST_TEST(owner == "");
  BOOST_TEST(!powers_of_owner(*cluster, all, "shop").createdb);
  root->run("ALTER ROLE shop CREATEDB");
  BOOST_TEST(powers_of_owner(*cluster, all, "shop").createdb);
}

BOOST_AUTO_TEST_CASE(who_can_become_berth_has_all_of_them) {
  root->run("REVOKE shop FROM berth");
  named("GRANT berth TO shop",
        "is a member of berth, Berth's own role; is a member of "
        "pg_signal_backend");
}

BOOST_AUTO_TEST_CASE(of_who_restores_are_not_those_of_the_owner) {
  root->run("ALTER ROLE shop_restore BYPASSRLS");
  const auto of_login = [&] {
    return said(powers_of_login(*cluster, all, "shop_restore", "shop"));
  };
  BOOST_TEST(of_login() == "");
  BOOST_TEST(refused() == "");
  root->run("GRANT pg_monitor TO shop");
  BOOST_TEST(of_login() == "");
  BOOST_CHECK_EXCEPTION(
      require_no_powers(*cluster, all, "shop", "shop_restore"), Error,
      [](const Error& e) {
        return std::string(e.what()).find(
                   "refresh role shop: SQL of a dump runs as the owner, and "
                   "shop is a member of pg_monitor") == 0;
      });
  root->run("REVOKE pg_monitor FROM shop");
  root->run("ALTER ROLE shop_restore REPLICATION");
  BOOST_CHECK_EXCEPTION(
      require_no_powers(*cluster, all, "shop", "shop_restore"), Error,
      [](const Error& e) {
        const std::string text = e.what();
        return text.find("refresh role shop_restore: ") == 0 &&
               text.find("has REPLICATION, which gives it access beyond its "
                         "own databases; run as a superuser: ALTER ROLE "
                         "\"shop_restore\" NOREPLICATION") !=
                   std::string::npos;
      });
  BOOST_CHECK_NO_THROW(require_no_powers(*cluster, all, "shop", ""));
}

// A dump could drop what such a role owns.
BOOST_AUTO_TEST_CASE(that_own_databases_of_others_are_named_and_taken_away) {
  root->run("CREATE ROLE group_a");
  root->run("CREATE ROLE \"group B\"");
  make("blog_base", "group_a");
  make("shop_production", "group_a");
  make("work", "group_a");
  make("shop_qa1", "group_a");
  make("shop_qa2", "shop");
  make("scratch", "shop");
  const std::string databases = "which owns database blog_base and 2 others";
  // Directly, and by way of another.
  for (const char* between : {"group_a", "group B"}) {
    root->run("GRANT group_a TO \"group B\"");
    root->run("GRANT " + root->identifier(between) + " TO shop");
    BOOST_TEST(refused() ==
               "refresh role shop: SQL of a dump runs as the owner, and shop "
               "is a member of group_a, " + databases + ", which gives "
               "it access beyond its own databases; run as a superuser: "
               "REVOKE " +
                   root->identifier(between) + " FROM \"shop\"");
    root->run("REVOKE " + root->identifier(between) + " FROM shop");
    BOOST_TEST(refused() == "");
    root->run("GRANT " + root->identifier(between) + " TO shop_restore");
    BOOST_TEST(refused().find(
                   "refresh role shop_restore: SQL of a dump runs as "
                   "restore_user, and shop_restore is a member of group_a, " +
                   databases) == 0u, refused());
    root->run("REVOKE " + root->identifier(between) + " FROM shop_restore");
  }
  for (const char* others : {"blog_base", "shop_production", "work"}) {
    root->run("DROP DATABASE " + root->identifier(others));
  }
  // A server's of this application is left, whoever owns it.
  root->run("GRANT group_a TO shop");
  BOOST_TEST(refused() == "");
  // Where the patterns of two applications fit, it may be the other's.
  ApplicationConfig& other = all.applications["other"];
  other = all.applications["shop"];
  other.name = "other";
  other.owner = "eve";
  other.database = "{server}";
  all.hosts["kvm1"].servers = {"qa*", "shop-*"};
  BOOST_TEST(refused().find("group_a, which owns database shop_qa1, which") !=
             std::string::npos, refused());
}

BOOST_AUTO_TEST_CASE(that_own_databases_themselves_are_none_of_who_restores) {
  make("blog_base", "shop_restore");
  const std::string all_of_it = refused();
  BOOST_TEST(all_of_it.find("shop_restore owns database blog_base, which "
                            "gives it access beyond its own databases; run "
                            "as a "
                            "superuser: ALTER DATABASE \"blog_base\" OWNER TO "
                            "CURRENT_USER") != std::string::npos, all_of_it);
  root->run("ALTER DATABASE blog_base OWNER TO CURRENT_USER");
  BOOST_TEST(refused() == "");
}

BOOST_AUTO_TEST_CASE(that_are_another_applications_owner_are_named) {
  root->run("CREATE ROLE blog");
  ApplicationConfig& other = all.applications["blog"];
  other = all.applications["shop"];
  other.name = "blog";
  other.owner = "blog";
  other.database = "blog_{server}";
  BOOST_TEST(refused() == "");
  // One restore_user for two: before blog has a database, too.
  root->run("GRANT blog TO shop_restore");
  BOOST_TEST(refused() ==
             "refresh role shop_restore: SQL of a dump runs as restore_user, "
             "and shop_restore is a member of blog, which is the owner of "
             "application blog, which gives it access beyond its own "
             "databases; run as "
             "a superuser: REVOKE \"blog\" FROM \"shop_restore\"; give each "
             "application an owner and a restore_user of its own");
  make("blog_qa1", "blog");
  BOOST_TEST(refused().find("which is the owner of application blog and owns "
                            "database blog_qa1,") != std::string::npos);
  root->run("REVOKE blog FROM shop_restore");
  // blog itself restores shop.
  root->run("GRANT shop TO blog");
  BOOST_TEST(refused("blog") ==
             "refresh role blog: SQL of a dump runs as restore_user, and blog "
             "is the owner of application blog and owns database blog_qa1, "
             "which gives it access beyond its own databases; give each "
             "application an "
             "owner and a restore_user of its own");
  // Of another cluster it is somebody else.
  other.cluster = "db2";
  BOOST_TEST(refused("blog").find("owner of application") ==
             std::string::npos);
  // One owner of two is reported, not refused: consoles are set up so.
  other.cluster = "db1";
  other.owner = "shop";
  root->run("DROP DATABASE blog_qa1");
  make("blog_qa2", "shop");
  BOOST_TEST(refused() == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
