// SPDX-License-Identifier: GPL-2.0-or-later
// What SQL of a dump can change about roles, as the dump's roles do it.
#include <boost/test/unit_test.hpp>

#include "worker/cluster/role_setting.hpp"
#include "worker/cluster/role_watch.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct RoleFixture : ClusterFixture {
  RoleFixture() {
    root->run("CREATE DATABASE work OWNER berth");
    root->run("CREATE DATABASE shop_qa1 OWNER shop");
    undo();
  }
  ~RoleFixture() { undo(); }
  void undo() {
    for (const char* role : {"shop", "shop_restore"}) {
      root->run(std::string("ALTER ROLE ") + role + " RESET ALL");
      root->run(std::string("ALTER ROLE ") + role +
                " IN DATABASE postgres RESET ALL");
    }
    root->run("REVOKE shop_restore FROM eve");
  }
  // The SQL that undoes it, of the only change, which is an error or not.
  std::string undoes(const RoleWatch& watch, bool refuses = true) {
    const auto all = watch.changes();
    BOOST_REQUIRE_MESSAGE(all.size() == 1, all.size());
    BOOST_TEST(all[0].refuses == refuses);
    BOOST_TEST(watch.sentence() == (refuses ? all[0].text : ""));
    const std::string before = refuses
                                   ? "to undo it, run as a superuser: "
                                   : ", by SQL of the dump or by somebody with "
                                     "its password; to undo it, run: ";
    return all[0].text.substr(all[0].text.find(before) + before.size());
  }
  // What is for people has no value of a row, whoever wrote it where.
  void shows_no_row(const RoleWatch& watch) {
    for (const auto& change : watch.changes()) {
      BOOST_TEST(change.text.find("private") == std::string::npos, change.text);
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(roles_of_a_dump, RoleFixture)

BOOST_AUTO_TEST_CASE(that_change_are_named_with_what_undoes_it) {
  const RoleWatch watch(*cluster, "shop", "shop_restore", "work");
  BOOST_TEST(watch.changes().empty());
  BOOST_CHECK_NO_THROW(watch.require_unchanged("restore"));
  const auto restore = connect("shop_restore", "postgres");
  const auto check = [&](Connection& by, const std::string& sql,
                         const std::string& wanted) {
    by.run(sql);
    const std::string undo = undoes(watch);
    BOOST_TEST(undo == wanted);
    root->run(undo);
    BOOST_TEST(watch.changes().empty());
  };
  check(*restore, "ALTER ROLE shop_restore SET search_path = decoy, public",
        "ALTER ROLE \"shop_restore\" RESET \"search_path\"");
  check(*restore, "ALTER ROLE shop_restore IN DATABASE postgres SET role = shop",
        "ALTER ROLE \"shop_restore\" IN DATABASE \"postgres\" RESET \"role\"");
  check(*restore, "ALTER ROLE shop_restore IN DATABASE work SET jit = off",
        "ALTER ROLE \"shop_restore\" IN DATABASE \"work\" RESET \"jit\"");
  check(*root, "ALTER ROLE shop_restore BYPASSRLS",
        "ALTER ROLE \"shop_restore\" NOSUPERUSER INHERIT NOCREATEROLE "
        "NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1 VALID "
        "UNTIL 'infinity'");
  // Before 15 a role could give itself to others.
  check(cluster->sql().version() < 150000 ? *restore : *root,
        "GRANT shop_restore TO eve", "REVOKE \"shop_restore\" FROM \"eve\"");
  check(*root, "REVOKE shop FROM shop_restore",
        "GRANT \"shop\" TO \"shop_restore\"");
}

// Everybody on a guest has its password: one of them could fail each refresh.
BOOST_AUTO_TEST_CASE(may_be_an_owner_whose_settings_change) {
  root->run("ALTER ROLE shop SET work_mem = '6MB'");
  root->run("ALTER ROLE shop SET search_path = \"$user\", \"A b\"");
  const RoleWatch watch(*cluster, "shop", "shop_restore", "work");
  const auto shop = connect("shop", "postgres");
  const auto said = [&](const std::string& sql) {
    shop->run(sql);
    BOOST_CHECK_NO_THROW(watch.require_unchanged("restore"));
    undoes(watch, false);
    const RoleChange out = watch.changes().at(0);
    if (!out.in_full.empty()) root->run(out.in_full);
    return out.text + "|" + out.in_full;
  };
  const std::string whose = ", by SQL of the dump or by somebody with its "
                            "password; to undo it, run: ";
  const std::string as_before = "set it to its former value, which this log "
                                "does not show|ALTER ROLE \"shop\" SET ";
  BOOST_TEST(said("ALTER ROLE shop SET work_mem = '9MB'") ==
             "role shop has work_mem set to another value now" + whose +
                 "ALTER ROLE \"shop\" RESET \"work_mem\", and " + as_before +
                 "\"work_mem\" TO '6MB'");
  BOOST_TEST(said("ALTER ROLE shop RESET search_path") ==
             "no longer: role shop has search_path set" + whose + as_before +
                 "\"search_path\" TO '$user', 'A b'");
  BOOST_TEST(watch.changes().empty());
  BOOST_TEST(said("ALTER ROLE shop IN DATABASE postgres SET client_encoding = "
                  "'utf8'") ==
             "role shop in database postgres has client_encoding set now" +
                 whose + "ALTER ROLE \"shop\" IN DATABASE \"postgres\" RESET "
                 "\"client_encoding\"|");
  // Where Berth logs in as it, or it does for the restore, they reach scripts.
  BOOST_TEST(RoleWatch(*cluster, "shop", "shop", watch.before(), {}, "shop")
                 .sentence() != "");
  BOOST_TEST(RoleWatch(*cluster, "shop", "eve", watch.before(), {}, "shop")
                 .sentence() != "");
  root->run("ALTER ROLE shop IN DATABASE postgres RESET ALL");
  // What no setting is refuses: only administrators can do that.
  root->run("ALTER ROLE shop CONNECTION LIMIT 7");
  undoes(watch);
  root->run("ALTER ROLE shop CONNECTION LIMIT -1");
}

// "role shop has application_name = ann@private.example now", in every log.
BOOST_AUTO_TEST_CASE(show_no_value_of_a_row_to_people) {
  connect("shop", "postgres")
      ->run("ALTER ROLE shop SET application_name = 'bob@private.example'");
  const RoleWatch watch(*cluster, "shop", "shop_restore", "work");
  for (const std::string role : {"shop", "shop_restore"}) {
    const auto by = connect(role, "postgres");
    by->run("ALTER ROLE " + role +
            " SET application_name = 'ann@private.example'");
    // Nor can a role put it into a name.
    BOOST_CHECK_THROW(by->run("ALTER ROLE " + role + " SET a.private = 1"),
                      SqlError);
  }
  BOOST_TEST(watch.changes().size() == 2u);
  shows_no_row(watch);
  BOOST_TEST(watch.sentence() ==
             "role shop_restore has application_name set now; to undo it, run "
             "as a superuser: ALTER ROLE \"shop_restore\" RESET "
             "\"application_name\"");
  // Nor where it is the state of before.
  const RoleWatch later(*cluster, "shop", "shop_restore", "work");
  undo();
  BOOST_TEST(later.changes().size() == 2u);
  shows_no_row(later);
  root->run("ALTER ROLE shop_restore CONNECTION LIMIT 7 VALID UNTIL "
            "'2077-01-23'");
  const std::string said = later.sentence();
  BOOST_TEST(said.find("role shop_restore has NOSUPERUSER INHERIT NOCREATEROLE "
                       "NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS and "
                       "limits (CONNECTION LIMIT, VALID UNTIL) now; ") !=
             std::string::npos, said);
  BOOST_TEST(said.find("2077") == std::string::npos, said);
  root->run("ALTER ROLE shop_restore CONNECTION LIMIT -1 VALID UNTIL "
            "'infinity'");
}

// A file that an earlier version left has them.
BOOST_AUTO_TEST_CASE(of_an_earlier_version_are_shown_without_values) {
  BOOST_TEST(without_values("setting: ALTER ROLE \"shop\" RESET \"x\"",
                            "role shop has x = ann@private.example = 1") ==
             "role shop has x");
  BOOST_TEST(without_values("attributes of shop",
                            "role shop has LOGIN CONNECTION LIMIT 7 VALID "
                            "UNTIL '2077-01-23'") == "role shop has LOGIN");
  BOOST_TEST(without_values("member \"a\" TO \"b\"", "b is a member of a") ==
             "b is a member of a");
}

BOOST_AUTO_TEST_CASE(fail_by_name_and_others_do_not) {
  const RoleWatch watch(*cluster, "shop", "shop_restore", "work");
  // An application's own database, and another job's copy.
  connect("shop", "postgres")
      ->run("ALTER ROLE shop IN DATABASE shop_qa1 SET work_mem = '5MB'");
  root->run("ALTER ROLE eve SET work_mem = '5MB'");
  const Database other = base("20261122030000", "data");
  root->run("ALTER ROLE shop IN DATABASE " + root->identifier(other.name) +
            " SET work_mem = '5MB'");
  BOOST_TEST(watch.changes().empty());
  root->run("ALTER ROLE eve RESET ALL");
  // Whoever logs in has none of these: a copy's scripts would run with it.
  root->run("ALTER ROLE shop_restore IN DATABASE " +
            root->identifier(other.name) + " SET transform_null_equals = on");
  BOOST_TEST(undoes(watch) == "ALTER ROLE \"shop_restore\" IN DATABASE \"" +
                                  other.name +
                                  "\" RESET \"transform_null_equals\"");
  root->run(undoes(watch));
  const auto restore = connect("shop_restore", "postgres");
  for (int i = 0; i < 7; ++i) {
    static const char* const settings[] = {"jit", "geqo", "enable_sort",
                                        "enable_material", "enable_hashagg",
                                        "enable_hashjoin", "enable_memoize"};
    restore->run("ALTER ROLE shop_restore SET " + std::string(settings[i]) +
                 " = off");
  }
  BOOST_CHECK_EXCEPTION(
      watch.require_unchanged("restore"), Error, [](const Error& e) {
        const std::string said = e.what();
        return said.find("restore work: a role was changed meanwhile") == 0 &&
               said.find("role shop_restore has enable_hashagg set now; to "
                         "undo it, run as a superuser: ALTER ROLE "
                         "\"shop_restore\" RESET \"enable_hashagg\"") !=
                   std::string::npos &&
               said.find("; and 2 more; docs/security.md") !=
                   std::string::npos;
      });
}

// Some hundred for each database of the cluster made every refresh fail by a
// list that is too long, and the message did not name the role.
BOOST_AUTO_TEST_CASE(more_settings_than_anybody_needs_refuse_nothing) {
  const RoleWatch watch(*cluster, "shop", "shop_restore", "work");
  for (int i = 0; i < 12; ++i) {
    root->run("CREATE DATABASE many_" + std::to_string(i) +
              " STRATEGY wal_log");
  }
  const auto set_all = [&](const std::string& role) {
    connect(role, "postgres")
        ->run("DO $$ DECLARE d text; s record; BEGIN "
              "FOR d IN SELECT datname FROM pg_database WHERE datname ~ "
              "'^(many_|template1$)' LOOP FOR s IN SELECT name, setting FROM "
              "pg_settings WHERE context = 'user' AND name !~ "
              "'role|session|^transaction' LOOP EXECUTE format('ALTER ROLE %I IN DATABASE %I SET %I = %L',"
              " current_user, d, s.name, s.setting); END LOOP; END LOOP; "
              "END $$");
  };
  set_all("shop");
  const auto changes = watch.changes();
  BOOST_TEST(changes.size() == kMostRoleSettings + 1);
  bool says_so = false;
  for (const auto& change : changes) {
    BOOST_TEST(!change.refuses);
    says_so = says_so || change.text.find("has more than 1000 settings") !=
                             std::string::npos;
  }
  BOOST_TEST(says_so);
  // What reaches a build or a script is before all others.
  root->run("ALTER ROLE shop IN DATABASE work SET jit = off");
  bool first = false;
  for (const auto& change : watch.changes()) {
    first = first || change.text.find("in database work has jit set now") !=
                         std::string::npos;
  }
  BOOST_TEST(first);
  set_all("shop_restore");
  const std::string said = watch.sentence();
  BOOST_TEST(said.find("ALTER ROLE \"shop_restore\" IN DATABASE") !=
             std::string::npos);
  for (int i = 0; i < 12; ++i) {
    root->run("DROP DATABASE many_" + std::to_string(i));
  }
  for (const char* role : {"shop", "shop_restore"}) {
    root->run(std::string("ALTER ROLE ") + role +
              " IN DATABASE template1 RESET ALL");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
