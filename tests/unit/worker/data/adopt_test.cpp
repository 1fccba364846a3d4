// SPDX-License-Identifier: GPL-2.0-or-later
// Adopting what predates Berth, and dropping what it left: the two jobs of an
// administrator that name a database.
#include <boost/test/unit_test.hpp>

#include "worker/cluster/trash.hpp"
#include "worker/data/adopt.hpp"
#include "worker/data/drop.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct AdoptFixture : ClusterFixture {
  AdoptFixture() : shop(calm_facts().config.applications.at("shop")) {
    root->run("CREATE DATABASE shop_qa1 OWNER shop");
  }
  Adoptable look() {
    auto found = look_before_adopting(*cluster, shop, "qa1");
    BOOST_REQUIRE(found);
    return std::move(*found);
  }
  std::string shown() {
    std::string out;
    for (const auto& text : look().shown) out += text + "\n";
    return out;
  }
  void refuses(const std::string& part) {
    const Adoptable found = look();
    std::string all;
    for (const auto& text : found.refused) all += text + "\n";
    BOOST_TEST(all.find(part) != std::string::npos, part << ": " << all);
  }
  void anew() {
    root->run("ALTER DATABASE shop_qa1 IS_TEMPLATE false");
    root->run("DROP DATABASE shop_qa1");
    root->run("CREATE DATABASE shop_qa1 OWNER shop");
  }
  ApplicationConfig shop;
};

struct DropFixture : ClusterFixture {
  // As the job drop does it.
  std::string drop(const std::string& name) {
    const auto all = cluster->databases();
    const TidyPlan plan =
        plan_tidy(all, names, cluster->role(), calm_facts());
    try {
      const Database d = require_orphan(all, plan, names, name);
      drop_trash(*cluster, to_trash(*cluster, d, 9, Discard::orphan));
      return exists(name) ? "still there" : "dropped";
    } catch (const Error& e) {
      return e.cause();
    }
  }
  void make(const std::string& name, const std::string& owner,
            const std::string& kind = "", const std::string& state = "ready",
            const std::string& server = "") {
    root->run("CREATE DATABASE " + root->identifier(name) + " OWNER " + owner);
    if (kind.empty()) return;
    DatabaseMarker marker;
    marker.site = kSite;
    marker.kind = kind;
    marker.state = state;
    marker.application = "shop";
    marker.generation = "20261122030000";
    marker.server = server;
    root->run("COMMENT ON DATABASE " + root->identifier(name) + " IS " +
              root->literal(to_text(marker)));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(adopting, AdoptFixture)

BOOST_AUTO_TEST_CASE(what_is_shown_and_taken_over) {
  root->run("ALTER DATABASE shop_qa1 CONNECTION LIMIT 20");
  root->run("ALTER DATABASE shop_qa1 SET work_mem = '8MB'");
  root->run("ALTER ROLE shop IN DATABASE shop_qa1 SET search_path = a, b");
  root->run("REVOKE CONNECT ON DATABASE shop_qa1 FROM PUBLIC");
  root->run("COMMENT ON DATABASE shop_qa1 IS 'of the old script'");
  const auto tester = connect("shop", "shop_qa1");
  const std::string text = shown();
  for (const std::string& part :
       {"OID " + std::to_string(look().database.oid), std::string("owner shop"),
        std::string("collation C"), std::string("1 session,"),
        std::string("session: shop from this machine"),
        std::string("CONNECTION LIMIT 20"), std::string("SET work_mem\n"),
        std::string("SET for role shop search_path\n"),
        std::string("grants {"), std::string("its comment will be replaced")}) {
    BOOST_TEST(text.find(part) != std::string::npos, part << ": " << text);
  }
  // A job's log is its testers'.
  for (const char* value : {"8MB", "a, b", "of the old script"}) {
    BOOST_TEST(text.find(value) == std::string::npos, text);
  }
  for (const auto& refused : look().refused) BOOST_ERROR(refused);
}

BOOST_AUTO_TEST_CASE(adopted_it_is_a_live_one_of_unknown_date) {
  const Database before = look().database;
  adopt(*cluster, before, "shop", "qa1", 7);
  const auto now = cluster->database("shop_qa1");
  BOOST_REQUIRE(now && now->marker);
  BOOST_TEST(cluster->is_marked(*now, "live"));
  BOOST_TEST(now->oid == before.oid);
  BOOST_TEST(now->marker->server == "qa1");
  BOOST_TEST(now->marker->generation.empty());
  BOOST_TEST(!now->marker->data_at);
  refuses("it is already marked");
  // The state has it, a tidy leaves it, and a build replaces it.
  BOOST_TEST(look_at(*cluster).live.at(0).generation.empty());
  BOOST_TEST(tidy(*cluster, [](std::int64_t) { return false; }).empty());
  swap(*cluster, order(copy(base("20261122030000", "data"), 8), 8), report);
  const ClusterState seen =
      cluster_state_from_json(to_json(look_at(*cluster)));
  BOOST_REQUIRE(seen.former.size() == 1u);
  BOOST_TEST(seen.former[0].generation.empty());
  BOOST_TEST(!seen.former[0].data_at);
}

BOOST_AUTO_TEST_CASE(what_must_not_be_taken_is_refused) {
  root->run("ALTER DATABASE shop_qa1 OWNER TO eve");
  refuses("owned by eve, not by shop");
  refuses("OWNER TO \"shop\"");
  anew();
  root->run("ALTER DATABASE shop_qa1 IS_TEMPLATE true");
  refuses("a template");
  anew();
  root->run("ALTER DATABASE shop_qa1 ALLOW_CONNECTIONS false");
  refuses("accepts no connections");
  anew();
  root->run("COMMENT ON DATABASE shop_qa1 IS '{\"berth\":2,\"new\":1}'");
  refuses("it is already marked");
  anew();
  {
    const auto inside = connect("shop", "shop_qa1");
    inside->run("BEGIN");
    inside->run("CREATE TABLE waits ()");
    inside->run("PREPARE TRANSACTION 'the lost one'");
  }
  refuses("transaction 'the lost one' of shop");
  connect("shop", "shop_qa1")->run("ROLLBACK PREPARED 'the lost one'");
  shop.servers = {"other*"};
  refuses("is not allowed on qa1");
  shop.servers = {"*"};
  shop.database = "postgres";
  refuses("its name is not that of a server");
  shop.database = "missing_{server}";
  BOOST_TEST(!look_before_adopting(*cluster, shop, "qa1"));
}

BOOST_AUTO_TEST_CASE(another_database_under_the_name_is_not_marked) {
  const Database seen = look().database;
  root->run("ALTER DATABASE shop_qa1 RENAME TO other");
  root->run("CREATE DATABASE shop_qa1 OWNER shop");
  BOOST_CHECK_THROW(adopt(*cluster, seen, "shop", "qa1", 7), Error);
  BOOST_TEST(cluster->database("shop_qa1")->comment.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(dropping, DropFixture)

BOOST_AUTO_TEST_CASE(an_orphan_is_dropped) {
  make("shop_qa9", "shop", "live", "ready", "qa9");  // no host has qa9
  BOOST_TEST(drop("shop_qa9") == "dropped");
  const std::string foreign = names.base("shop", "20261120030000");
  make(foreign, "shop", "base");  // no base of ours by its owner
  BOOST_TEST(drop(foreign) == "dropped");
  const std::string odd = names.trash(99999, 3);
  make(odd, "shop", "trash");
  BOOST_TEST(drop(odd) == "dropped");
  BOOST_TEST(cluster->databases().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_of_use_is_refused_by_name) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  swap(*cluster, order(copy(from, 8), 8), report);
  const ClusterState seen = look_at(*cluster);
  BOOST_REQUIRE(seen.former.size() == 1u);
  make("somebodys", "shop");
  const std::string unmarked = names.copy("shop", "20261122030000", 44);
  make(unmarked, "shop");
  const std::pair<std::string, const char*> table[] = {
      {"shop_qa1", "it is the database of shop on qa1"},
      {from.name, "it is a base of shop in use"},
      {seen.former[0].database, "it is kept for an undo until"},
      {"somebodys", "it is not Berth's"},
      {unmarked, "a job may be creating it"},
      {"postgres", "it is not Berth's"},
      {"template1", "it does not exist"},
      {"missing", "it does not exist"}};
  for (const auto& [name, why] : table) {
    const std::string said = drop(name);
    BOOST_TEST(said.find(why) == 0u, name << ": " << said);
  }
  BOOST_TEST(cluster->databases().size() == 6u);
}

BOOST_AUTO_TEST_CASE(an_orphan_that_somebody_uses_is_refused) {
  make("shop_qa9", "shop", "live", "ready", "qa9");
  {
    const auto tester = connect("shop", "shop_qa9");
    BOOST_TEST(drop("shop_qa9").find("in use by shop") == 0u);
    BOOST_TEST(tester->query("SELECT 1").size() == 1u);  // and not cut off
  }
  const std::string noted = names.copy("shop", "20261122030000", 44);
  make(noted, "shop");
  root->run("COMMENT ON DATABASE " + root->identifier(noted) + " IS 'mine'");
  const std::string why = drop(noted);
  BOOST_TEST(why.find("it has a comment that Berth did not write (psql") == 0u,
             why);
  // What it says to do is enough.
  const std::size_t sql = why.find("COMMENT ON DATABASE");
  BOOST_REQUIRE(sql != std::string::npos);
  root->run(why.substr(sql));
  BOOST_TEST(drop(noted).find("a job may be creating it; tidy removes") == 0u);
  make("shop_qa8", "eve", "live", "ready", "qa8");
  BOOST_TEST(drop("shop_qa8").find("it is owned by eve") == 0u);
  BOOST_TEST(exists("shop_qa8"));
}

BOOST_AUTO_TEST_CASE(another_sites_is_refused) {
  make("shop_qa9", "shop", "live", "ready", "qa9");
  DatabaseMarker marker = *cluster->database("shop_qa9")->marker;
  marker.site = kOtherSite;
  cluster->comment("shop_qa9", marker);
  BOOST_TEST(drop("shop_qa9").find("it is marked by another console") == 0u);
  BOOST_TEST(exists("shop_qa9"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
