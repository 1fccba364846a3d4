// SPDX-License-Identifier: GPL-2.0-or-later
// What dumps of before left on roles, also on those that another application
// has, and that berth.conf names no more.
#include "worker/cluster/role_baseline.hpp"

#include <boost/test/unit_test.hpp>

#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

constexpr const char* kReset = "ALTER ROLE \"shop_restore\" RESET";

struct BaselineFixture : ClusterFixture {
  BaselineFixture() {
    undo();
    cluster->require_system(cluster->system_identifier());
    all = calm_facts().config;
    all.applications["shop"].restore_user = "shop_restore";
    ApplicationConfig& blog = all.applications["blog"];
    blog = all.applications["shop"];
    blog.name = "blog";
    blog.database = "blog_{server}";
  }
  ~BaselineFixture() { undo(); }
  void undo() {
    for (const char* role : {"shop", "shop_restore", "eve"}) {
      root->run(std::string("ALTER ROLE ") + role + " RESET ALL");
    }
    root->run("REVOKE shop FROM eve");
    root->run("DROP ROLE IF EXISTS newcomer");
  }
  RoleBaseline of(const std::string& application) const {
    return RoleBaseline(cache.path(), application);
  }
  // As a refresh begins to restore, with roles as they are now.
  void keep(const std::string& application, const std::string& owner = "shop",
            const std::string& login = "shop_restore") {
    of(application).keep(RoleWatch(*cluster, owner, login, "work"));
  }
  // What the next refresh of it says; empty: it goes on.
  std::string refused(const std::string& application,
                      const std::string& owner = "shop",
                      const std::string& login = "shop_restore") {
    all.applications[application].owner = owner;
    try {
      of(application).require_undone(*cluster, all, login);
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  bool left(const std::string& application) const {
    return Dir(cache.path()).exists(application + ".roles.json");
  }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  // The dump's doing, as the dump's role.
  void set(const std::string& role) {
    connect(role, "postgres")
        ->run("ALTER ROLE " + role + " SET search_path = 'x\"y'");
  }
  TemporaryDir cache;
  Config all;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(roles_of_before, BaselineFixture)

// The second refresh took for the administrator's what the first one's dump had
// written.
BOOST_AUTO_TEST_CASE(that_were_changed_fail_each_refresh_until_that_is_undone) {
  BOOST_TEST(refused("shop") == "");
  keep("shop");
  set("shop_restore");
  for (int round = 0; round < 2; ++round) {
    const std::string said = refused("shop");
    BOOST_TEST(said.find("refresh roles of shop: they differ from what they "
                         "were before an earlier refresh") == 0u, said);
    BOOST_TEST(has(said, "ALTER ROLE \"shop_restore\" RESET \"search_path\""),
               said);
    BOOST_TEST(has(said, "remove " + cache.path() + "/shop.roles.json"), said);
  }
  root->run("ALTER ROLE shop_restore RESET ALL");
  BOOST_TEST(refused("shop") == "");
  BOOST_TEST(!left("shop"));
  // Later it is the administrator's.
  root->run("ALTER ROLE shop_restore SET work_mem = '5MB'");
  BOOST_TEST(refused("shop") == "");
}

// Everybody on a guest has the owner's password, and nothing of Berth's logs in
// as it.
BOOST_AUTO_TEST_CASE(are_no_settings_of_the_owner) {
  root->run("ALTER ROLE shop SET work_mem = '5MB'");
  keep("shop");
  BOOST_TEST(!has(cache.get("shop.roles.json"), "work_mem"));
  set("shop");
  root->run("ALTER ROLE shop RESET work_mem");
  BOOST_TEST(refused("blog") == "");
  // Where another logs in as that owner, they reach its scripts.
  BOOST_TEST(has(refused("blog", "eve", "shop"), "has search_path set now"));
  BOOST_TEST(refused("shop") == "");
  BOOST_TEST(!left("shop"));
  root->run("ALTER ROLE shop RESET ALL");
  // A file of an earlier version has them.
  keep("shop");
  std::string text = cache.get("shop.roles.json");
  text.insert(text.find("\"facts\":{") + 9,
              R"("setting: ALTER ROLE \"shop\" RESET \"jit\"":{"value":"off",)"
              R"("shown":"role shop has jit = off","restore":"","remove":"",)"
              R"("roles":["shop"],"database":null},)");
  cache.put("shop.roles.json", text);
  BOOST_TEST(refused("shop") == "");
}

// The value may be one of a row.
BOOST_AUTO_TEST_CASE(of_before_are_said_without_their_values) {
  root->run("ALTER ROLE shop_restore SET application_name = 'ann@private'");
  keep("shop");
  root->run("ALTER ROLE shop_restore RESET ALL");
  const auto said = [&] {
    const std::string out = refused("shop");
    BOOST_TEST(has(out, "no longer: role shop_restore has application_name"));
    BOOST_TEST(has(out, "shop.roles.json, which records their former"));
    BOOST_TEST(!has(out, "private"), out);
  };
  said();
  std::string text = cache.get("shop.roles.json");
  const std::string shown = "has application_name set";
  text.replace(text.find(shown), shown.size(),
               "has application_name = ann@private");
  cache.put("shop.roles.json", text);
  said();
}

// With another restore_user since, what the dump left on the owner passed.
BOOST_AUTO_TEST_CASE(are_compared_whichever_roles_berth_conf_names_now) {
  keep("shop");
  set("shop_restore");
  BOOST_TEST(has(refused("shop", "shop", "eve"), kReset));
  BOOST_TEST(has(refused("shop", "eve", "eve"), kReset));
  // Nor does a refresh that begins all the same lose it.
  keep("shop", "eve", "eve");
  BOOST_TEST(has(refused("shop", "eve", "eve"), kReset));
  of("shop").forget(*cluster, "eve", "eve");
  BOOST_TEST(left("shop"));
  BOOST_TEST(has(refused("shop", "eve", "eve"), kReset));
  root->run("ALTER ROLE shop_restore RESET ALL");
  BOOST_TEST(refused("shop", "eve", "eve") == "");
  BOOST_TEST(!left("shop"));
}

// With two applications of one owner, what the dump of one left on it passed
// for the other's state of before.
BOOST_AUTO_TEST_CASE(of_another_application_with_one_of_them_are_compared) {
  keep("shop");
  // Its refresh may be running.
  BOOST_TEST(refused("blog", "shop", "eve") == "");
  BOOST_TEST(left("shop"));
  set("shop_restore");
  for (const auto& [owner, login] :
       {std::pair{"shop", "eve"}, std::pair{"eve", "shop_restore"},
        std::pair{"eve", "shop"}}) {
    const std::string said = refused("blog", owner, login);
    BOOST_TEST(said.find("refresh roles of blog: a refresh of shop, which may "
                         "be running, uses one of them too, and its roles "
                         "differ from what they were before it; ") == 0u, said);
    BOOST_TEST(has(said, "ALTER ROLE \"shop_restore\" RESET \"search_path\""),
               said);
    BOOST_TEST(has(said, "and no refresh of shop is running, remove " +
                             cache.path() + "/shop.roles.json"), said);
  }
  BOOST_TEST(left("shop"));
  BOOST_TEST(refused("blog", "eve", "eve") == "");
  // Also where berth.conf has it no more.
  all.applications.erase("shop");
  BOOST_TEST(refused("blog", "shop", "eve") != "");
  // Of what else is in the folder nothing is said.
  cache.put(".shop.roles.json.0123", "half of");
  cache.put("Shop.roles.json", "");
  cache.put("shop/shop.dump", "");
  root->run("ALTER ROLE shop_restore RESET ALL");
  BOOST_TEST(refused("blog", "shop", "eve") == "");
}

BOOST_AUTO_TEST_CASE(of_another_cluster_are_kept_and_not_compared) {
  const std::string ours = cluster->expected_system();
  keep("shop");
  std::string text = cache.get("shop.roles.json");
  text.replace(text.find(ours), ours.size(), "1");
  cache.put("shop.roles.json", text);
  set("shop_restore");
  BOOST_TEST(refused("shop") == "");
  BOOST_TEST(refused("blog") == "");
  keep("shop");
  BOOST_TEST(refused("shop") == "");
  BOOST_TEST(cache.get("shop.roles.json") == text);
  // No more than eight: the oldest is dropped.
  const std::string one = text.substr(text.find("{\"system"));
  const std::string entry = one.substr(0, one.size() - 2);
  std::string many = "{\"version\":2,\"entries\":[" + entry;
  for (int i = 2; i <= 8; ++i) {
    std::string more = entry;
    many += "," + more.replace(more.find("\"1\""), 3,
                               "\"" + std::to_string(i) + "\"");
  }
  cache.put("shop.roles.json", many + "]}");
  keep("shop");
  text = cache.get("shop.roles.json");
  BOOST_TEST(!has(text, "\"system\":\"1\""));
  BOOST_TEST(has(text, "\"system\":\"2\""));
  BOOST_TEST(has(text, "\"system\":\"8\""));
  BOOST_TEST(has(text, "\"system\":\"" + ours + "\""));
}

// An upgrade between two refreshes must not lose it.
BOOST_AUTO_TEST_CASE(that_an_earlier_version_wrote_are_compared) {
  const std::string before =
      R"({"version":1,"system":")" + cluster->expected_system() +
      R"(","owner":"shop","login":"shop_restore","facts":{)"
      R"("attributes of shop":["NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB )"
      R"(LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1 VALID UNTIL )"
      R"('infinity'","","",""],"attributes of shop_restore":["NOSUPERUSER )"
      R"(INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS )"
      R"(CONNECTION LIMIT -1 VALID UNTIL 'infinity'","","",""],)"
      R"("member \"shop\" TO \"berth\"":["member","","",""],)"
      R"("member \"shop\" TO \"shop_restore\"":["member","","",""]}})";
  cache.put("shop.roles.json", before);
  set("shop_restore");
  BOOST_TEST(has(refused("shop"), "ALTER ROLE \"shop_restore\" RESET"),
             refused("shop"));
  BOOST_TEST(has(refused("blog"), "ALTER ROLE \"shop_restore\" RESET"));
  root->run("ALTER ROLE shop_restore RESET ALL");
  BOOST_TEST(refused("blog") == "");
  BOOST_TEST(refused("shop") == "");
  BOOST_TEST(!left("shop"));
}

BOOST_AUTO_TEST_CASE(that_cannot_be_read_fail_by_the_files_name) {
  for (const char* text : {"{\"version\": 1, ", "{\"version\": 3}", "", "[]"}) {
    cache.put("shop.roles.json", text);
    BOOST_TEST(refused("shop").find("read " + cache.path() +
                                    "/shop.roles.json: ") == 0u,
               refused("shop"));
    BOOST_TEST(has(refused("blog"), "remove it if no role was changed since"));
    BOOST_CHECK_THROW(keep("shop"), Error);
    BOOST_TEST(cache.get("shop.roles.json") == text);
  }
}

// What an administrator does while a file is left, and no dump can.
BOOST_AUTO_TEST_CASE(that_were_dropped_or_berth_conf_asks_for_are_no_change) {
  root->run("CREATE ROLE newcomer LOGIN");
  root->run("CREATE DATABASE fleeting");
  root->run("ALTER ROLE shop_restore IN DATABASE fleeting SET jit = off");
  root->run("GRANT shop TO newcomer");
  keep("shop", "shop", "newcomer");
  keep("blog");
  root->run("DROP DATABASE fleeting");
  root->run("DROP ROLE newcomer");
  BOOST_TEST(refused("shop") == "");
  BOOST_TEST(refused("blog") == "");
  // Another restore_user, of this or of another application.
  keep("shop");
  root->run("CREATE ROLE newcomer LOGIN");
  root->run("GRANT shop TO newcomer");
  BOOST_TEST(has(refused("shop"), "REVOKE \"shop\" FROM \"newcomer\""));
  all.applications["blog"].restore_user = "newcomer";
  BOOST_TEST(refused("shop") == "");
  BOOST_TEST(!left("shop"));
  keep("shop");
  root->run("GRANT shop TO newcomer WITH ADMIN OPTION");
  BOOST_TEST(has(refused("shop"), "newcomer is a member of shop with ADMIN"));
}

BOOST_AUTO_TEST_CASE(are_written_with_nothing_left_of_a_killed_worker) {
  cache.put(".shop.roles.json.0123456789abcdef", "{\"vers");
  cache.put(".blog.roles.json.0123456789abcdef", "{\"vers");
  keep("shop");
  BOOST_TEST(!Dir(cache.path()).exists(".shop.roles.json.0123456789abcdef"));
  BOOST_TEST(Dir(cache.path()).exists(".blog.roles.json.0123456789abcdef"));
  of("shop").forget(*cluster, "shop", "shop_restore");
  BOOST_TEST(!left("shop"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
