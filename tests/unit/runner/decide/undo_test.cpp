// SPDX-License-Identifier: GPL-2.0-or-later
// What an undo goes back behind, from history; who may ask for one, and what
// a reader is shown of it.
#include "runner/decide/undo.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>

#include "runner/publish/bodies.hpp"
#include "runner/tree.hpp"
#include "runner/world/summary.hpp"

BOOST_AUTO_TEST_SUITE(undo)

using namespace berth;
using namespace berth::runner;

namespace {

Configuration configuration_of(std::int64_t job, const std::string& slot,
                               std::int64_t oid) {
  Configuration out;
  out.application = "shop";
  out.path = "trunk";
  out.revision = std::to_string(job);
  out.kind = "svn";
  out.slot = slot;
  out.user = "bob";
  out.job = job;
  out.built_at = kNow - 60;
  if (oid != 0) {
    out.database = DatabaseOnServer{"db1", "shop_qa1", oid, "20261122024100",
                                    kNow - 86400};
  }
  return out;
}

// qa1 as bob has it: job 12 swapped database and slot, job 9 was before.
World built_twice() {
  World world = small_console();
  world.config.applications["shop"].undo = 3600;
  world.config.applications["shop"].longest_undo = 86400;
  Server& qa1 = world.servers["qa1"];
  qa1.hold = hold_of("bob");
  qa1.configuration = configuration_of(12, "b", 17012);
  qa1.last_switch.job = 12;
  qa1.last_switch.checkout = true;
  qa1.last_switch.database = true;
  qa1.last_switch.began = kNow - 90;
  qa1.last_switch.before = configuration_of(9, "a", 17009);
  world.highest_job["qa1"] = 12;
  FormerDatabase former;
  former.database = "berth_x_t_17009_12";
  former.server = "qa1";
  former.application = "shop";
  former.job = 12;
  former.until = kNow + 3500;
  world.clusters["db1"].former = {former};
  return world;
}

Receipt ask(const World& world, const std::string& user,
            const std::string& action = "undo",
            const std::string& arguments = "{}") {
  return berth::runner::decided_and_read(
      world, drop_of(user, action, "qa1", arguments, user == "root" ? 0 : 33),
      [] { return std::int64_t{20}; });
}

struct Row {
  const char* what;
  std::function<void(World&)> change;
  const char* user;
  int status;
  const char* part;
};

Server& qa1(World& world) { return world.servers.at("qa1"); }

}  // namespace

BOOST_AUTO_TEST_CASE(an_undo_follows_the_table) {
  const std::vector<Row> rows = {
      {"its holder's", [](World&) {}, "bob", 201, "job 20 undoes job 12"},
      {"an admin's", [](World&) {}, "carol", 201, "undoes job 12 on qa1"},
      {"berthctl's", [](World&) {}, "root", 201, "undoes job 12 on qa1"},
      {"somebody else's", [](World&) {}, "eve", 403, "qa1 is held by bob"},
      {"on a free server", [](World& w) { qa1(w).hold.reset(); }, "bob", 403,
       "qa1 is free: reserve it first, or ask an admin"},
      {"on a free server by an admin",
       [](World& w) { qa1(w).hold.reset(); }, "carol", 201, "job 20"},
      {"of nothing", [](World& w) {
         qa1(w).configuration.reset();
         qa1(w).last_switch = {};
       }, "bob", 409, "has no configuration"},
      {"of nothing on somebody else's", [](World& w) {
         qa1(w).configuration.reset();
         qa1(w).last_switch = {};
       }, "eve", 409, "has no configuration"},
      {"of the first build", [](World& w) {
         qa1(w).last_switch.before.reset();
       }, "bob", 409, "the configuration of qa1 before job 12"},
      {"into another application", [](World& w) {
         qa1(w).last_switch.before->application = "site";
       }, "bob", 409, "build site again"},
      {"when a later build took the slot", [](World& w) {
         qa1(w).last_switch.lost_to = 15;
       }, "bob", 409, "job 15 began a checkout in it"},
      {"of the database alone the slot does not matter", [](World& w) {
         qa1(w).last_switch.lost_to = 15;
         qa1(w).last_switch.checkout = false;
       }, "bob", 201, "job 20"},
      {"when the former database is gone", [](World& w) {
         w.clusters["db1"].former.clear();
       }, "bob", 409, "is deleted or about to be deleted"},
      {"when another server's is there", [](World& w) {
         w.clusters["db1"].former[0].server = "qa2";
       }, "bob", 409, "is deleted or about to be deleted"},
      {"when it goes in 29 seconds", [](World& w) {
         w.clusters["db1"].former[0].until = kNow + 29;
       }, "bob", 409, "is deleted or about to be deleted"},
      {"when it goes in 30", [](World& w) {
         w.clusters["db1"].former[0].until = kNow + 30;
       }, "bob", 201, "job 20"},
      {"without a database none is needed", [](World& w) {
         w.clusters.clear();
         qa1(w).last_switch.database = false;
       }, "bob", 201, "job 20"},
      {"right after the build, before the cluster was looked at",
       [](World& w) {
         w.clusters["db1"].former.clear();
         w.changed["db1"] = kNow;
       }, "bob", 201, "job 20"},
      {"long after a build that nobody saw", [](World& w) {
         w.clusters["db1"].former.clear();
         w.changed["db1"] = kNow;
         qa1(w).last_switch.began = kNow - 3600;
       }, "bob", 409, "is deleted or about to be deleted"},
      {"with the cluster away", [](World& w) {
         w.clusters["db1"].reachable = false;
         w.clusters["db1"].reason = "no route";
       }, "bob", 409, "cluster db1 is unreachable: no route"},
      {"with a job on the server", [](World& w) {
         w.jobs[13] = job_on("qa1", 13, "bob", JobState::queued);
       }, "bob", 409, "job 13 on qa1 has not ended"},
      {"while it is only kept", [](World& w) {
         w.jobs[13] = job_on("qa1", 13, "bob", JobState::queued);
         w.jobs[13].job.kind = JobKind::keep;
       }, "bob", 201, "job 20"},
      {"while it is taken over", [](World& w) {
         qa1(w).taken_over_by = "carol";
       }, "bob", 409, "being taken over by carol"},
      {"on a guest that is off", [](World& w) {
         qa1(w).state = "shut off";
       }, "bob", 409, "qa1 is shut off"},
      {"while Berth drains", [](World& w) { w.draining = true; }, "bob", 503,
       "draining"},
      {"with the spool's disk full", [](World& w) { w.disk_low = true; },
       "bob", 507, "full"},
      {"when the cluster carries another job", [](World& w) {
         LiveDatabase live{"shop_qa1", 17012, "qa1", "shop",
                           "20261122024100", 14};
         w.live["qa1"] = {{"db1", live}};
       }, "bob", 409, "made by job 14, which is not in the history"},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      World world = built_twice();
      row.change(world);
      const Receipt got = ask(world, row.user);
      BOOST_TEST(got.status == row.status);
      BOOST_TEST_CONTEXT(got.detail) {
        BOOST_TEST((got.detail.find(row.part) != std::string::npos));
      }
      BOOST_TEST(got.effects.size() == (row.status == 201 ? 1u : 0u));
    }
  }
}

// A drop may lie for hours while berthd is away, and somebody build meanwhile.
BOOST_AUTO_TEST_CASE(an_undo_of_a_job_that_is_not_the_last_is_refused) {
  const World world = built_twice();
  for (const char* member : {"job", "seen"}) {
    const auto of = [&](const char* job) {
      return ask(world, "bob", "undo",
                 std::string("{\"") + member + "\":" + job + "}");
    };
    BOOST_TEST(of("12").status == 201);
    const Receipt other = of("9");
    BOOST_TEST(other.status == 409);
    BOOST_TEST(other.detail.find("the last switch on qa1 is job 12, not job 9") !=
               std::string::npos, other.detail);
    BOOST_TEST(other.extra.at("job").as_int64() == 12);
    BOOST_TEST(of("-1").status == 400);
  }
  BOOST_TEST(ask(world, "bob", "undo", R"({"job":9,"seen":12})").status == 409);
  BOOST_TEST(ask(world, "bob", "undo", R"({"previous":{}})").status == 400);
}

BOOST_AUTO_TEST_CASE(an_undo_is_told_what_it_goes_back_to) {
  const World world = built_twice();
  const Receipt got = ask(world, "bob");
  const Job job = job_from_json(got.effects.at(0).at("job"));
  BOOST_TEST((job.kind == JobKind::undo));
  BOOST_TEST(job.server == "qa1");
  BOOST_TEST(job.application == "shop");
  const json::value filled(job.arguments);
  const auto a = arguments_from<UndoArguments>(filled);
  BOOST_TEST(a.job == 12);
  BOOST_TEST(a.checkout);
  BOOST_TEST(a.database);
  BOOST_TEST(optional_from_json<Configuration>(a.previous)->job == 9);
  // Whoever asks says none of it.
  BOOST_TEST(ask(world, "bob", "undo", R"({"hours":3})").status == 400);
}

BOOST_AUTO_TEST_CASE(keeping_never_shortens_and_has_an_end) {
  World world = built_twice();
  const auto hours = [](const Receipt& got) {
    const json::value filled(
        job_from_json(got.effects.at(0).at("job")).arguments);
    return arguments_from<KeepArguments>(filled).hours;
  };
  Receipt got = ask(world, "bob", "keep", R"({"hours":3})");
  BOOST_TEST(got.status == 201);
  BOOST_TEST(hours(got) == 3.0);
  world.draining = true;  // what is to be dropped is not drained
  BOOST_TEST(ask(world, "bob", "keep", R"({"hours":3})").status == 201);
  BOOST_TEST(ask(world, "bob", "undo", "{}").status == 503);
  world.draining = false;
  BOOST_TEST(got.detail == "job 20 keeps the undo on qa1 until " +
                               rfc3339(kNow + 3 * 3600));
  // `longest_undo` counts from the build.
  got = ask(world, "bob", "keep", R"({"hours":500})");
  BOOST_TEST(got.status == 201);
  BOOST_TEST(hours(got) * 3600 == 86400 - 60,
             boost::test_tools::tolerance(0.001));
  got = ask(world, "bob", "keep", R"({"hours":0.5})");
  BOOST_TEST(got.status == 409);
  BOOST_TEST((got.detail.find("already") != std::string::npos));
  world.clusters["db1"].former[0].until = kNow + 86400;
  got = ask(world, "bob", "keep", R"({"hours":500})");
  BOOST_TEST(got.status == 409);
  BOOST_TEST((got.detail.find("longest_undo") != std::string::npos));
  BOOST_TEST(ask(world, "eve", "keep", R"({"hours":3})").status == 403);
  BOOST_TEST(ask(world, "bob", "keep", "{}").status == 400);
  BOOST_TEST(ask(world, "bob", "keep", R"({"hours":-1})").status == 400);
  BOOST_TEST(ask(world, "bob", "keep", R"({"hours":1e300})").status == 400);
  qa1(world).last_switch.database = false;
  got = ask(world, "bob", "keep", R"({"hours":3})");
  BOOST_TEST(got.status == 409);
  BOOST_TEST((got.detail.find("does not expire") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(a_server_shows_what_could_be_undone) {
  World world = built_twice();
  json::value body = one_server_body(world, "qa1");
  const json::value& shown = body.at("undo");
  BOOST_TEST(shown.at("job").as_int64() == 12);
  BOOST_TEST(std::string(shown.at("user").as_string()) == "bob");
  BOOST_TEST(std::string(shown.at("until").as_string()) ==
             rfc3339(kNow + 3500));
  BOOST_TEST(std::string(shown.at("keep_until").as_string()) ==
             rfc3339(kNow - 60 + 86400));
  const json::value& to = shown.at("configuration");
  BOOST_TEST(std::string(to.at("revision").as_string()) == "9");
  BOOST_TEST(std::string(to.at("generation").as_string()) ==
             "20261122024100");
  BOOST_TEST(std::string(to.at("data_at").as_string()) ==
             rfc3339(kNow - 86400));
  qa1(world).last_switch.lost_to = 15;
  BOOST_TEST(one_server_body(world, "qa1").at("undo").is_null());
  BOOST_TEST(one_server_body(world, "qa1").at("no_undo").is_string());
  BOOST_TEST(one_server_body(world, "qa2").at("undo").is_null());
}

BOOST_AUTO_TEST_CASE(a_cluster_that_contradicts_history_is_told_of) {
  World world = built_twice();
  LiveDatabase live{"shop_qa1", 17012, "qa1", "shop", "20261122024100", 12};
  const auto told = [&world, &live] {
    world.live["qa1"] = {{"db1", live}};
    return database_conflict(world, "qa1");
  };
  BOOST_TEST(told() == "");
  live.job = 9;  // job 12 was a checkout: the database is an older job's
  BOOST_TEST(told() == "");
  live.oid = 17999;
  BOOST_TEST((told().find("is not the one in the history (OID 17999 "
                          "of job 9, not 17012)") != std::string::npos));
  live.job = 14;
  BOOST_TEST((told().find("made by job 14, which is not in the history of "
                          "qa1") != std::string::npos));
  const json::value body = one_server_body(world, "qa1");
  BOOST_TEST(std::string(body.at("problem").as_string()) == told());
  // A job that is at work explains it, and so does news that is too old.
  world.jobs[14] = job_on("qa1", 14, "bob", JobState::running);
  BOOST_TEST(told() == "");
  world.jobs.clear();
  world.changed["db1"] = kNow;
  BOOST_TEST(told() == "");
}

BOOST_AUTO_TEST_CASE(news_of_a_cluster_reach_the_servers_they_are_about) {
  World world = built_twice();
  world.changes = {};
  ClusterState next = world.clusters["db1"];
  next.former[0].until += 60;
  next.live = {{"shop_qa2", 17000, "qa2", "shop", "20261122024100", 77}};
  world.take_cluster("db1", next);
  BOOST_TEST(world.changes.servers.contains("qa1"));
  BOOST_TEST(world.changes.servers.contains("qa2"));
  BOOST_TEST(!world.changes.servers.contains("qa3"));
  BOOST_TEST(world.live.at("qa2").at(0).database.job == 77);
  // The number is taken, whatever the sequence says.
  BOOST_TEST(world.last_number == 77);
  world.changes = {};
  world.take_cluster("db1", next);
  BOOST_TEST(world.changes.servers.empty());
  next.reachable = false;
  world.take_cluster("db1", next);
  BOOST_TEST(world.changes.servers.contains("qa1"));
}

// The owner of another application's database can write any job into its marker.
BOOST_AUTO_TEST_CASE(another_applications_database_is_no_obstacle) {
  World world = built_twice();
  world.clusters["db1"].reachable = true;
  world.clusters["db1"].as_of = kNow;
  LiveDatabase live{"site_qa1", 17999, "qa1", "site", "20261122024100", 999};
  world.live["qa1"] = {{"db1", live}};
  BOOST_TEST(database_conflict(world, "qa1") == "");
  live.application = "shop";
  world.live["qa1"] = {{"db1", live}};
  BOOST_TEST(database_conflict(world, "qa1") != "");
}

// Two say that they are the former database: what history has is believed.
BOOST_AUTO_TEST_CASE(a_former_database_that_somebody_forged_hides_none) {
  World world = built_twice();
  FormerDatabase forged = world.clusters["db1"].former[0];
  forged.database = "berth_x_t_16500_12";
  forged.until = kNow + 1;
  auto& former = world.clusters["db1"].former;
  former.insert(former.begin(), forged);
  BOOST_TEST(undo_of(world, "qa1").refused == "");
  former.erase(former.begin() + 1);
  former[0].until = kNow + 3500;
  former[0].application = "site";
  world.changed["db1"] = 0;
  BOOST_TEST(undo_of(world, "qa1").refused != "");
}

BOOST_AUTO_TEST_SUITE_END()
