// SPDX-License-Identifier: GPL-2.0-or-later
// Which spares are made, and when not.
#include "runner/decide/spares.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(spares)

using namespace berth;
using namespace berth::runner;

namespace {

constexpr const char* kOld = "20261121024100";
constexpr const char* kNew = "20261122024100";

// shop wants two spares, blog four, on one cluster with room for ten.
World two_applications() {
  World world = small_console();
  world.config.applications["shop"].spares = 2;
  ApplicationConfig blog = world.config.applications["shop"];
  blog.name = "blog";
  blog.spares = 4;
  world.config.applications["blog"] = blog;
  ClusterState& seen = world.clusters["db1"];
  seen.bases = {{"blog", kNew, "berth_b", {}, 100},
                {"shop", kNew, "berth_b", {}, 100},
                {"shop", kOld, "berth_b", {}, 100}};
  seen.free_bytes = 1000;
  world.config.clusters["db1"].disk_floor = 900;
  return world;
}

LiveJob job_of(JobKind kind, const char* application, JobState state) {
  LiveJob live;
  live.job.id = 3;
  live.job.kind = kind;
  live.job.application = application;
  live.job.user = "bob";
  live.state = state;
  return live;
}

std::string made(const World& world) {
  std::string out;
  for (const auto& wanted : spares_to_make(world)) {
    out += wanted.application + "@" + wanted.generation + " ";
  }
  return out;
}

struct Row {
  const char* what;
  std::function<void(World&)> change;
  std::string wanted;
};

const std::string kShop = std::string("shop@") + kNew + " ";
const std::string kBlog = std::string("blog@") + kNew + " ";

}  // namespace

BOOST_AUTO_TEST_CASE(a_spare_is_made_by_the_table) {
  const auto ready = [](World& w, const char* app, const char* generation,
                        int count) {
    w.clusters["db1"].spares.push_back({app, generation, count});
  };
  const std::vector<Row> rows = {
      {"one at a time, by name", [](World&) {}, kBlog},
      {"who lacks the larger share comes first", [&](World& w) {
         ready(w, "blog", kNew, 1);
       }, kShop},
      {"those of an older generation do not count", [&](World& w) {
         ready(w, "blog", kNew, 4);
         ready(w, "shop", kOld, 2);
       }, kShop},
      {"but they fill the cluster's cap", [&](World& w) {
         ready(w, "shop", kOld, 2);
         w.config.clusters["db1"].spares = 2;
       }, ""},
      {"all are there", [&](World& w) {
         ready(w, "blog", kNew, 4);
         ready(w, "shop", kNew, 2);
       }, ""},
      {"nobody wants any", [](World& w) {
         w.config.applications["shop"].spares = 0;
         w.config.applications["blog"].spares = 0;
       }, ""},
      {"no base", [](World& w) { w.clusters["db1"].bases.clear(); }, ""},
      {"one byte under the floor", [](World& w) {
         w.clusters["db1"].free_bytes = 999;
       }, ""},
      {"a cluster that does not tell is trusted", [](World& w) {
         w.clusters["db1"].free_bytes.reset();
       }, kBlog},
      {"a spare is queued", [](World& w) {
         w.jobs[3] = job_of(JobKind::spare, "shop", JobState::queued);
       }, ""},
      {"a spare is being made", [](World& w) {
         w.jobs[3] = job_of(JobKind::spare, "blog", JobState::running);
       }, ""},
      {"somebody's build with a database waits", [](World& w) {
         w.jobs[3] = job_on("qa1", 3, "bob", JobState::queued);
         w.jobs[3].job.arguments["database"] = "newest";
       }, ""},
      {"a build on a guest that is away, and who waits behind it",
       [](World& w) {
         w.jobs[3] = job_on("qa1", 3, "bob", JobState::unsettled);
         w.jobs[4] = job_on("qa1", 4, "bob", JobState::queued);
         w.jobs[3].job.arguments["database"] = "newest";
         w.jobs[4].job.arguments["database"] = "newest";
       }, kBlog},
      {"a build without one is in nobody's way", [](World& w) {
         w.jobs[3] = job_on("qa1", 3, "bob", JobState::running);
       }, kBlog},
      {"an undo with a database", [](World& w) {
         w.jobs[3] = job_on("qa1", 3, "bob", JobState::running);
         w.jobs[3].job.kind = JobKind::undo;
         w.jobs[3].job.arguments = {{"database", true}};
       }, ""},
      {"an undo without", [](World& w) {
         w.jobs[3] = job_on("qa1", 3, "bob", JobState::running);
         w.jobs[3].job.kind = JobKind::undo;
         w.jobs[3].job.arguments = {{"database", false}};
       }, kBlog},
      {"a publish", [](World& w) {
         w.jobs[3] = job_of(JobKind::publish, "shop", JobState::queued);
       }, ""},
      {"a refresh: none of its application, the other's go on",
       [](World& w) {
         w.jobs[3] = job_of(JobKind::refresh, "blog", JobState::running);
       }, kShop},
      {"news that is older than the last change", [](World& w) {
         w.changed["db1"] = kNow;
       }, ""},
      {"news from before our start", [](World& w) { w.since = kNow + 1; },
       ""},
      {"the cluster is away", [](World& w) {
         w.clusters["db1"].reachable = false;
       }, ""},
      {"nothing is known of it", [](World& w) { w.clusters.clear(); }, ""},
      {"Berth drains", [](World& w) { w.draining = true; }, ""},
      {"the spool's disk is full", [](World& w) { w.disk_low = true; }, ""},
      {"one failed a moment ago", [](World& w) {
         note_spare(w.spare_trouble["blog"], Outcome::failed, kNow - 59);
       }, kShop},
      {"one failed a minute ago", [](World& w) {
         note_spare(w.spare_trouble["blog"], Outcome::failed, kNow - 60);
       }, kBlog},
      {"an application of another cluster", [](World& w) {
         w.config.applications["blog"].cluster = "db2";
       }, kShop},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      World world = two_applications();
      row.change(world);
      BOOST_TEST(made(world) == row.wanted);
    }
  }
}

BOOST_AUTO_TEST_CASE(failures_double_the_pause_up_to_an_hour) {
  SpareTrouble trouble;
  for (const Instant pause : {60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    note_spare(trouble, Outcome::failed, kNow);
    BOOST_TEST(trouble.not_before == kNow + pause);
  }
  note_spare(trouble, Outcome::succeeded, kNow);
  BOOST_TEST(trouble.not_before == 0);
  note_spare(trouble, Outcome::cancelled, kNow);
  BOOST_TEST(trouble.not_before == kNow + 60);
  BOOST_TEST(trouble.failures == 0);
}

BOOST_AUTO_TEST_CASE(a_queued_spare_ends_when_nobody_needs_it) {
  World world = two_applications();
  world.jobs[3] = job_of(JobKind::spare, "shop", JobState::queued);
  world.jobs[3].job.arguments = {{"generation", kNew}};
  BOOST_TEST(spares_not_needed(world).empty());
  world.jobs[3].job.arguments = {{"generation", kOld}};
  BOOST_TEST(spares_not_needed(world).size() == 1u);
  world.jobs[3].state = JobState::running;  // it copies: let it
  BOOST_TEST(spares_not_needed(world).empty());
  world.jobs[3].state = JobState::queued;
  world.changed["db1"] = kNow;  // nobody knows yet
  BOOST_TEST(spares_not_needed(world).empty());
  world.changed.clear();
  world.jobs[3].job.arguments = {{"generation", kNew}};
  world.config.applications["shop"].spares = 0;
  BOOST_TEST(spares_not_needed(world).size() == 1u);
  world.config.applications.erase("shop");
  BOOST_TEST(spares_not_needed(world).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_spares_job_is_berths_own) {
  const World world = two_applications();
  const Job job = spare_job(world, {"shop", kNew}, 5);
  BOOST_TEST(job.user == "berth");
  BOOST_TEST(job.token == "");
  BOOST_TEST(job.server == "");
  BOOST_TEST(cluster_of(world.config, job) == "db1");
  const json::value arguments(job.arguments);
  BOOST_TEST(arguments_from<SpareArguments>(arguments).generation == kNew);
  BOOST_CHECK(to_json(job_from_json(to_json(job))) == to_json(job));
}

BOOST_AUTO_TEST_SUITE_END()
