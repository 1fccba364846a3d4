// SPDX-License-Identifier: GPL-2.0-or-later
// Refresh, adopt and dropping an orphan: who may, and what is in the way.
#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(decide_data)

using namespace berth;
using namespace berth::runner;

namespace {

World with_dump() {
  World world = small_console();
  world.config.applications["shop"].dump = "/srv/backup/shop.dmp";
  world.config.applications["shop"].database = "shop_{server}";
  world.clusters["db1"].orphans = {
      {"database", "berth_x_s_shop", "no marker", 5},
      {"directory", "base/16999", "nobody has it", 5}};
  return world;
}

struct Row {
  const char* what;
  Drop drop;
  int status;
  const char* part;
};

void check(const World& world, const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      const Receipt got = berth::runner::decided_and_read(world, row.drop,
                                                [] { return std::int64_t{7}; });
      BOOST_TEST(got.status == row.status);
      BOOST_TEST_CONTEXT(got.detail) {
        BOOST_TEST((got.detail.find(row.part) != std::string::npos));
      }
      BOOST_TEST(got.effects.size() == (row.status == 201 ? 1u : 0u));
    }
  }
}

Job job_in(const World& world, const Drop& drop) {
  const Receipt got =
      berth::runner::decided_and_read(world, drop, [] { return std::int64_t{7}; });
  return job_from_json(got.effects.at(0).at("job"));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_refresh_follows_the_table) {
  World world = with_dump();
  const auto refresh = [](const char* user, const char* target,
                          const char* arguments = "{}") {
    return drop_of(user, "refresh", target, arguments,
                   user == std::string("root") ? 0 : 33);
  };
  check(world, {
    {"an admin's", refresh("carol", "shop"), 201, "job 7 refreshes shop"},
    {"berthctl's", refresh("root", "shop", R"({"again":true})"), 201, "shop"},
    {"anybody's", refresh("bob", "shop"), 403, "only an admin may refresh"},
    {"no such application", refresh("carol", "blog"), 404, "blog"},
    {"nor for anybody else", refresh("bob", "blog"), 404, "blog"},
    {"without a cluster", refresh("carol", "site"), 409,
     "application site has no database"},
    {"an unknown member", refresh("carol", "shop", R"({"x":1})"), 400, "x"},
  });
  // Also with the cluster away: the job says so in its history.
  world.clusters["db1"].reachable = false;
  check(world, {{"away", refresh("root", "shop"), 201, "shop"}});
  world.jobs[3].job.kind = JobKind::refresh;
  world.jobs[3].job.id = 3;
  world.jobs[3].job.application = "shop";
  check(world, {{"a second one", refresh("carol", "shop"), 409,
                 "job 3 already refreshes shop"}});
  world.jobs.clear();
  world.draining = true;
  check(world, {{"drained", refresh("carol", "shop"), 503, "draining"}});
  world.draining = false;
  world.config.applications["shop"].dump = "";
  check(world, {{"no dump", refresh("carol", "shop"), 409,
                 "no `dump` to refresh from"}});
  world.disk_low = true;
  check(world, {{"full", refresh("carol", "shop"), 507, "full"}});
}

BOOST_AUTO_TEST_CASE(a_refresh_claims_its_application) {
  const Job job = job_in(with_dump(),
                         drop_of("carol", "refresh", "shop",
                                 R"({"again":true})"));
  BOOST_TEST((job.kind == JobKind::refresh));
  BOOST_TEST(job.server == "");
  BOOST_TEST(job.application == "shop");
  BOOST_TEST(job.flag("again"));
}

BOOST_AUTO_TEST_CASE(adopting_follows_the_table) {
  const World world = with_dump();
  const auto adopt = [](const char* target, const char* arguments,
                        uid_t owner = 0) {
    return drop_of("root", "adopt", target, arguments, owner);
  };
  check(world, {
    {"a look", adopt("qa1", R"({"application":"shop"})"), 201,
     "job 7 inspects shop_qa1"},
    {"for good", adopt("qa1", R"({"application":"shop","oid":17000})"), 201,
     "job 7 takes over shop_qa1"},
    {"from the web", adopt("qa1", R"({"application":"shop"})", 33), 403,
     "is for root only"},
    {"no such server", adopt("qa9", R"({"application":"shop"})"), 404, "qa9"},
    {"no such application", adopt("qa1", R"({"application":"blog"})"), 404,
     "blog"},
    {"without a database", adopt("qa1", R"({"application":"site"})"), 409,
     "no database"},
    {"where it is not built", adopt("live1", R"({"application":"shop"})"),
     409, "not be built on live1"},
    {"template1", adopt("qa1", R"({"application":"shop","oid":1})"), 400,
     "oid"},
  });
}

BOOST_AUTO_TEST_CASE(dropping_an_orphan_follows_the_table) {
  World world = with_dump();
  const auto drop = [](const char* target, const char* arguments,
                       uid_t owner = 0) {
    return drop_of("root", "drop_database", target, arguments, owner);
  };
  check(world, {
    {"an orphan", drop("db1", R"({"database":"berth_x_s_shop"})"), 201,
     "job 7 drops berth_x_s_shop on db1"},
    {"from the web", drop("db1", R"({"database":"berth_x_s_shop"})", 33), 403,
     "is for root only"},
    {"a live one", drop("db1", R"({"database":"shop_qa1"})"), 409,
     "shop_qa1 is not an orphan on db1"},
    {"postgres", drop("db1", R"({"database":"postgres"})"), 409, "not an orphan"},
    {"a folder", drop("db1", R"({"database":"base/16999"})"), 400,
     "must be a database name"},
    {"an injected name",
     drop("db1", R"({"database":"x\"; drop database postgres"})"), 400,
     "must be a database name"},
    {"no such cluster", drop("db9", R"({"database":"a"})"), 404, "db9"},
    {"nothing named", drop("db1", "{}"), 400, "database"},
    {"another cluster in the arguments",
     drop("db1", R"({"database":"berth_x_s_shop","cluster":"db2"})"), 201,
     "on db1"},
  });
  const Job job = job_in(world, drop("db1",
                                     R"({"database":"berth_x_s_shop"})"));
  BOOST_TEST((job.kind == JobKind::drop));
  BOOST_TEST(job.application == "");
  BOOST_TEST(cluster_of(world.config, job) == "db1");
  world.clusters["db1"].reachable = false;
  world.clusters["db1"].reason = "no route";
  check(world, {{"away", drop("db1", R"({"database":"berth_x_s_shop"})"), 409,
                 "unreachable: no route"}});
}

// One that a configuration names by name and OID, whatever tidy has seen.
BOOST_AUTO_TEST_CASE(what_a_server_uses_is_dropped_on_no_cluster_that_is_the_same) {
  World world = with_dump();
  world.config.clusters["db2"].name = "db2";
  ClusterState& db2 = world.clusters["db2"];
  db2.reachable = true;
  db2.orphans = {{"database", "shop_qa1", "of no application", 5, 16500}};
  Server& qa1 = world.servers.at("qa1");
  qa1.configuration.emplace();
  qa1.configuration->database =
      DatabaseOnServer{"db1", "shop_qa1", 16500, "20261122030000", {}};
  const auto check_drop = [&](const char* what, int status, const char* part) {
    check(world, {{what, drop_of("root", "drop_database", "db2",
                                 R"({"database":"shop_qa1"})", 0),
                   status, part}});
  };
  check_drop("of an unknown system", 409, "the database that qa1 uses");
  world.clusters["db1"].system = db2.system = "7000";
  check_drop("of the same system", 409, "the database that qa1 uses");
  db2.system = "7001";
  check_drop("of another system", 201, "drops shop_qa1 on db2");
  db2.system = "7000";
  qa1.configuration->database->oid = 16501;
  check_drop("another database", 201, "drops shop_qa1 on db2");
  qa1.configuration->database->oid = 16500;
  qa1.host = "";
  check_drop("of a server that no host has", 201, "drops shop_qa1 on db2");
  world.hosts_heard = false;
  check_drop("while a host was not heard", 409, "the database that qa1 uses");
}

BOOST_AUTO_TEST_CASE(a_job_without_a_server_is_its_owners_and_the_admins) {
  World world = with_dump();
  world.last_number = 5;
  world.jobs[5].job.id = 5;
  world.jobs[5].job.kind = JobKind::spare;
  world.jobs[5].job.application = "shop";
  world.jobs[5].job.user = "berth";
  check(world, {
    {"anybody's", drop_of("bob", "cancel", "5", "{}"), 403,
     "job 5 belongs to berth; only its owner or an admin may cancel it"},
  });
  const Receipt got = berth::runner::decided_and_read(
      world, drop_of("carol", "cancel", "5", "{}"),
      [] { return std::int64_t{7}; });
  BOOST_TEST(got.status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
