// SPDX-License-Identifier: GPL-2.0-or-later
// Each thing that doctor asks for is taken away; it has to be told, and the SQL
// that is printed with it has to mend it.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "temporary_dir.hpp"
#include "worker/postgres.hpp"
#include "worker/tidy/doctor.hpp"

namespace berth::worker {
namespace {

struct DoctorFixture : ClusterFixture {
  DoctorFixture() {
    all.clusters["db1"] = config;
    all.applications = calm_facts().config.applications;
    all.hosts["kvm1"].servers = {"qa*"};
    mend(problems());
  }
  ~DoctorFixture() {
    for (const char* sql :
         {"REVOKE EXECUTE ON FUNCTION pg_ls_dir(text), "
          "pg_ls_dir(text, boolean, boolean), pg_stat_file(text), "
          "pg_stat_file(text, boolean) FROM berth",
          "REVOKE pg_read_all_settings FROM berth",
          "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM berth",
          "GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC",
          "ALTER ROLE berth NOSUPERUSER CREATEDB INHERIT CONNECTION LIMIT -1",
          "ALTER ROLE shop NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION "
          "NOBYPASSRLS",
          "GRANT shop TO berth",
          "GRANT pg_signal_backend TO berth"}) {
      root->run(sql);
    }
  }
  Findings problems(bool also_the_good = false) {
    cluster = other(0);
    Findings found = examine_role(*cluster, all);
    for (auto part : {examine_grants(*cluster), examine_place(*cluster, all),
                      examine_databases(*cluster, all)}) {
      found.insert(found.end(), part.begin(), part.end());
    }
    if (!also_the_good) {
      std::erase_if(found, [](const Finding& f) { return !f.problem; });
    }
    return found;
  }
  void mend(const Findings& found) {
    for (const Finding& finding : found) {
      for (const auto& sql : finding.sql) root->run(sql);
    }
  }
  // One problem that says `part`; its SQL mends it.
  void told_and_mended(const std::string& part) {
    const Findings found = problems();
    BOOST_REQUIRE_MESSAGE(found.size() == 1, part << ": " << found.size());
    BOOST_TEST(found[0].text.find(part) != std::string::npos, found[0].text);
    BOOST_TEST(!found[0].sql.empty());
    mend(found);
    BOOST_TEST(problems().empty(), part << " is not mended");
  }
  Config all;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(doctor, DoctorFixture)

BOOST_AUTO_TEST_CASE(what_it_prints_for_a_fresh_cluster_is_enough) {
  BOOST_TEST(problems().empty());
  const Findings all_of_them = problems(true);
  BOOST_TEST(all_of_them.size() == 9u);
  BOOST_TEST(std::any_of(
      all_of_them.begin(), all_of_them.end(), [](const Finding& f) {
        return f.text == "the connection does not leave this machine";
      }));
}

BOOST_AUTO_TEST_CASE(each_grant_taken_away_is_told_and_mended) {
  const std::pair<const char*, const char*> table[] = {
      {"ALTER ROLE berth NOCREATEDB", "may not create databases"},
      {"REVOKE pg_signal_backend FROM berth", "may not end the sessions"},
      {"REVOKE shop FROM berth", "not a member of shop"},
      {"ALTER ROLE berth CONNECTION LIMIT 5", "limited to 5"},
      {"ALTER ROLE berth SUPERUSER", "berth is a superuser"},
      {"ALTER ROLE shop SUPERUSER", "shop is a superuser"},
      {"ALTER ROLE shop CREATEROLE", "shop has CREATEROLE: SQL of a dump"},
      {"GRANT pg_read_server_files TO shop",
       "shop is a member of pg_read_server_files: SQL of a dump"},
      {"REVOKE pg_read_all_settings FROM berth", "may not read where"},
      {"REVOKE EXECUTE ON FUNCTION pg_ls_dir(text) FROM berth", "pg_ls_dir"},
      {"REVOKE EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) "
       "FROM berth", "pg_ls_dir(text, boolean, boolean)"},
      {"REVOKE EXECUTE ON FUNCTION pg_stat_file(text, boolean) FROM berth",
       "pg_stat_file"}};
  for (const auto& [sql, says] : table) {
    root->run(sql);
    told_and_mended(says);
  }
}

BOOST_AUTO_TEST_CASE(a_role_that_does_not_inherit_is_told_once_and_mended) {
  root->run("ALTER ROLE berth NOINHERIT");
  for (int round = 0; round < 2; ++round) mend(problems());
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(an_owner_that_makes_databases_is_told_and_no_problem) {
  root->run("ALTER ROLE shop CREATEDB");
  BOOST_TEST(problems().empty());
  const Findings found = problems(true);
  BOOST_TEST(std::any_of(found.begin(), found.end(), [](const Finding& f) {
    return f.text.find("berth is a member of shop; shop has CREATEDB") == 0;
  }));
}

BOOST_AUTO_TEST_CASE(an_owner_of_two_applications_is_told_and_no_problem) {
  ApplicationConfig other = all.applications["shop"];
  other.name = "blog";
  other.database = "blog_{server}";
  all.applications["blog"] = other;
  BOOST_TEST(problems().empty());
  const Findings found = problems(true);
  BOOST_TEST(std::any_of(found.begin(), found.end(), [](const Finding& f) {
    return f.text.find("; shop owns the databases of blog, shop, so SQL "
                       "of a dump of one can drop those of the others") !=
           std::string::npos;
  }));
}

BOOST_AUTO_TEST_CASE(an_owner_that_is_not_there_is_told_and_mended) {
  all.applications["shop"].owner = "newowner";
  told_and_mended("role newowner, the owner in");
  root->run("DROP ROLE newowner");
}

BOOST_AUTO_TEST_CASE(who_restores_is_told_and_mended) {
  all.applications["shop"].restore_user = "shop_restore";
  told_and_mended("berth is not a member of shop_restore");
  for (const auto& [sql, part] :
       {std::pair{"ALTER ROLE shop_restore NOLOGIN", "may not log in"},
        std::pair{"ALTER ROLE shop_restore CREATEDB", "has more privileges than"},
        std::pair{"REVOKE shop FROM shop_restore", "not a member of shop"}}) {
    root->run(sql);
    told_and_mended(part);
  }
  root->run("CREATE DATABASE theirs OWNER eve");
  for (const char* who : {"shop", "shop_restore"}) {
    root->run(std::string("GRANT eve TO ") + who);
    Findings owning = problems();
    // Of the owner, shop_restore has it too.
    BOOST_REQUIRE(!owning.empty());
    BOOST_TEST(owning[0].text.find("is a member of eve, which owns database "
                                   "theirs: SQL of a dump") !=
               std::string::npos, owning[0].text);
    mend({owning[0]});
    BOOST_TEST(problems().empty());
  }
  root->run("DROP DATABASE theirs");
  root->run("GRANT eve TO shop_restore");
  const Findings found = problems();
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0].text.find("can also change to eve,") !=
             std::string::npos, found[0].text);
  root->run("REVOKE eve FROM shop_restore");
  all.applications["shop"].restore_user = "new_restore";
  told_and_mended("new_restore, the restore_user of shop, does not exist");
  root->run("DROP ROLE new_restore");
  all.applications["shop"].restore_user = "berth";
  BOOST_TEST(problems().at(0).text.find("is Berth's own role") !=
             std::string::npos);
  // An owner that is not there is told, too.
  all.applications["shop"].restore_user = "shop_restore";
  all.applications["shop"].owner = "newowner";
  const Findings both = problems();
  BOOST_REQUIRE(both.size() == 2u);
  BOOST_TEST(both[0].text.find("role newowner, the owner in") != std::string::npos);
  BOOST_TEST(both[1].text.find("not a member of newowner") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_restores_has_to_get_in) {
  config.restore_users = {"shop_restore"};
  BOOST_TEST(examine_logins(*cluster).empty());
  // In, but for Berth's own database.
  root->run("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
  const bool let_in = examine_logins(*cluster).empty();
  root->run("GRANT CONNECT ON DATABASE postgres TO PUBLIC");
  BOOST_TEST(let_in);
  root->run("ALTER ROLE shop_restore NOLOGIN");
  const Findings found = examine_logins(*cluster);
  root->run("ALTER ROLE shop_restore LOGIN");
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0].text.find("cannot log in from here") !=
             std::string::npos, found[0].text);
}

BOOST_AUTO_TEST_CASE(what_it_may_not_ask_is_told_with_the_grant) {
  root->run("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
  cluster = std::make_unique<Cluster>(config, names, 0, link);
  const Findings found = examine_grants(*cluster);
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0].problem);
  BOOST_CHECK_THROW(examine_pin(*cluster, std::nullopt, "FILE"), SqlError);
  mend(found);
  BOOST_TEST(!examine_pin(*cluster, std::nullopt, "FILE").problem);
  const Pinned here = found_at(*cluster);
  BOOST_TEST(examine_pin(*cluster, Pinned{"7000", here.database}, "").problem);
  BOOST_TEST(examine_pin(*cluster, Pinned{here.system, "other"}, "").problem);
  BOOST_TEST(!examine_pin(*cluster, Pinned{here.system, ""}, "").problem);
  BOOST_TEST(!examine_pin(*cluster, here, "").problem);
}

BOOST_AUTO_TEST_CASE(two_sections_for_one_server_are_a_problem) {
  const TemporaryDir dir;
  std::filesystem::create_directories(dir / "lib/clusters");
  all.paths.lib = dir / "lib";
  all.clusters["db2"].name = "db2";
  BOOST_TEST(examine_sections(*cluster, all).empty());
  dir.put("lib/clusters/db2", cluster->system_identifier() + " postgres\n");
  const Findings found = examine_sections(*cluster, all);
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(found[0].problem);
  BOOST_TEST(found[0].text.find("[cluster.db2]") != std::string::npos,
             found[0].text);
}

BOOST_AUTO_TEST_CASE(another_console_is_told_where_our_locks_are) {
  BOOST_TEST(examine_neighbours(*cluster).empty());
  root->run("CREATE DATABASE shop_qa7 OWNER shop");
  DatabaseMarker marker;
  marker.site = names.site();
  marker.kind = "live";
  marker.state = "ready";
  marker.application = "shop";
  marker.generation = "20261122030000";
  marker.server = "qa7";
  cluster->comment("shop_qa7", marker);
  BOOST_TEST(examine_neighbours(*cluster).empty());
  marker.site = kOtherSite;
  cluster->comment("shop_qa7", marker);
  const Findings found = examine_neighbours(*cluster);
  BOOST_REQUIRE(found.size() == 1u);
  BOOST_TEST(!found[0].problem);
  BOOST_TEST(found[0].text.find("names database postgres") !=
             std::string::npos, found[0].text);
}

BOOST_AUTO_TEST_CASE(a_connection_into_a_servers_database_is_told) {
  root->run("CREATE DATABASE shop_qa1 OWNER shop");
  ClusterConfig wrong = config;
  wrong.conninfo = Postgres::instance().conninfo("berth", "shop_qa1");
  {
    Cluster inside(wrong, names, 0, link);
    const Findings found = examine_place(inside, all);
    BOOST_TEST(found[0].problem);
    BOOST_TEST(found[0].text.find("matches the pattern") != std::string::npos);
    mend({found[0]});
  }
  wrong.conninfo = Postgres::instance().conninfo("berth", "berth");
  Cluster outside(wrong, names, 0, link);
  BOOST_TEST(!examine_place(outside, all)[0].problem);
}

BOOST_AUTO_TEST_CASE(a_pattern_fits_servers_and_not_every_name) {
  all.applications["shop"].database = "{server}";
  BOOST_TEST(problems().empty());  // postgres is no qa*
}

BOOST_AUTO_TEST_CASE(a_refused_statement_says_what_to_grant) {
  root->run("CREATE DATABASE theirs OWNER eve");
  root->run("CREATE DATABASE ours OWNER berth");
  root->run("ALTER ROLE berth NOCREATEDB");
  const std::pair<const char*, const char*> table[] = {
      {"CREATE DATABASE more", "ALTER ROLE \"berth\" CREATEDB"},
      {"ALTER DATABASE ours RENAME TO other",
       "ALTER ROLE \"berth\" CREATEDB"},
      {"ALTER DATABASE ours OWNER TO eve", "GRANT \"eve\" TO \"berth\""},
      {"COMMENT ON DATABASE theirs IS 'x'", "grant the role that owns it"},
      {"SHOW data_directory", "GRANT pg_read_all_settings TO \"berth\""},
      {"SELECT pg_ls_dir('base')", "GRANT EXECUTE ON FUNCTION pg_ls_dir(text)"},
      {"SELECT * FROM pg_authid", "`berthctl doctor`"}};
  root->run("REVOKE pg_read_all_settings FROM berth");
  root->run("REVOKE EXECUTE ON FUNCTION pg_ls_dir(text) FROM berth");
  for (const auto& [sql, says] : table) {
    try {
      cluster->sql().run(sql);
      BOOST_ERROR(sql << " was allowed");
    } catch (const SqlError& e) {
      BOOST_TEST(e.sqlstate() == "42501", e.what());
      BOOST_TEST(e.cause().find(says) != std::string::npos, e.what());
    }
  }
}

BOOST_AUTO_TEST_CASE(too_few_connections_are_told_with_a_number) {
  all.applications["shop"].restore_jobs = 160;
  const Findings found = problems();
  BOOST_REQUIRE(found.size() == 1u);
  // The 150 that the tests' server has, and what Berth needs.
  BOOST_TEST(found[0].sql.at(0) == "ALTER SYSTEM SET max_connections = 321");
}

BOOST_AUTO_TEST_CASE(changed_collations_are_told_and_mended) {
  root->run("CREATE DATABASE shop_qa1 OWNER shop TEMPLATE template0 "
            "LOCALE_PROVIDER icu ICU_LOCALE 'und'");
  DatabaseMarker marker;
  marker.site = kSite;
  marker.kind = "live";
  marker.state = "ready";
  marker.application = "shop";
  marker.server = "qa1";
  cluster->comment("shop_qa1", marker);
  BOOST_TEST(problems().empty());
  root->run("UPDATE pg_database SET datcollversion = '1' "
            "WHERE datname = 'shop_qa1'");
  told_and_mended("the system's collations have changed");
}

BOOST_AUTO_TEST_CASE(what_no_build_could_replace_is_told) {
  swap(*cluster, order(copy(base("20261122030000", "data"), 7), 7), report);
  connect("root", "shop_qa1")
      ->query("SELECT pg_create_logical_replication_slot('reader', "
              "'pgoutput')");
  {
    const auto inside = connect("shop", "shop_qa1");
    inside->run("BEGIN");
    inside->run("CREATE TABLE waits ()");
    inside->run("PREPARE TRANSACTION 'the lost one'");
  }
  const Findings found = problems();
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].text.find("'the lost one'") != std::string::npos);
  BOOST_TEST(found[1].text.find("slot reader") != std::string::npos);
  connect("shop", "shop_qa1")->run("ROLLBACK PREPARED 'the lost one'");
  connect("root", "shop_qa1")
      ->query("SELECT pg_drop_replication_slot('reader')");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(versions) {
  for (const int good : {150006, 150020, 160002, 170000, 180004, 140009,
                         140020, 130012}) {
    BOOST_TEST(!examine_version(good).problem, good);
  }
  const std::pair<int, const char*> bad[] = {
      {150002, "before 15.3"}, {150003, "before 15.4"},
      {150005, "before 15.6"}, {160001, "16.2"},
      {140008, "14.9"},        {130011, "13.12"},
      {120022, "at least 13"}, {90624, "at least 13"}};
  for (const auto& [version, says] : bad) {
    const Finding found = examine_version(version);
    BOOST_TEST(found.problem, version);
    BOOST_TEST(found.text.find(says) != std::string::npos, found.text);
  }
  BOOST_TEST(examine_version(140009).text.find("FILE_COPY") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
