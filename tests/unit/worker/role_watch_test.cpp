// SPDX-License-Identifier: GPL-2.0-or-later
// What SQL of a dump can change about roles, as the dump's roles do it.
#include <boost/test/unit_test.hpp>

#include "postgres.hpp"
#include "worker/role_watch.hpp"

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
  // The SQL that undoes it, of the only change.
  std::string undoes(const RoleWatch& watch) {
    const auto all = watch.changes();
    BOOST_REQUIRE_MESSAGE(all.size() == 1, all.size());
    const std::string before = "to undo it, run as a superuser: ";
    return all[0].substr(all[0].find(before) + before.size());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(roles_of_a_dump, RoleFixture)

BOOST_AUTO_TEST_CASE(that_change_are_named_with_what_undoes_it) {
  root->run("ALTER ROLE shop SET work_mem = '6MB'");
  root->run("ALTER ROLE shop SET search_path = \"$user\", \"A b\"");
  const RoleWatch watch(*cluster, "shop", "shop_restore", "work");
  BOOST_TEST(watch.changes().empty());
  BOOST_CHECK_NO_THROW(watch.require_unchanged("restore"));
  const auto shop = connect("shop", "postgres");
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
  check(*shop, "ALTER ROLE shop SET work_mem = '9MB'",
        "ALTER ROLE \"shop\" SET \"work_mem\" TO '6MB'");
  check(*shop, "ALTER ROLE shop RESET search_path",
        "ALTER ROLE \"shop\" SET \"search_path\" TO '$user', 'A b'");
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
               said.find("role shop_restore has enable_hashagg = off now; to "
                         "undo it, run as a superuser: ALTER ROLE "
                         "\"shop_restore\" RESET \"enable_hashagg\"") !=
                   std::string::npos &&
               said.find("; and 2 more; docs/security.md") !=
                   std::string::npos;
      });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
