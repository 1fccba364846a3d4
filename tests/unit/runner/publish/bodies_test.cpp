// SPDX-License-Identifier: GPL-2.0-or-later
// What readers are told: the members that the page and scripts rely on.
#include "runner/publish/bodies.hpp"

#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"
#include "runner/world/estimate.hpp"
#include "runner/world/summary.hpp"

BOOST_AUTO_TEST_SUITE(bodies)

using namespace berth;
using namespace berth::runner;

namespace {

std::string members(const json::value& value) {
  std::string out;
  for (const auto& [name, item] : value.as_object()) {
    out += std::string(name) + " ";
  }
  return out;
}

StepRecord record(const char* step, const char* event, const char* state) {
  StepRecord out;
  out.step = step;
  out.event = event;
  out.state = state;
  out.at = rfc3339_ms(kNow * 1000);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_server_has_every_member_also_when_little_is_known) {
  World world = small_console();
  world.servers["lost"] = Server{};
  for (const char* name : {"qa1", "lost"}) {
    BOOST_TEST(members(one_server_body(world, name)) ==
               "name host state fresh state_as_of stale_reason addresses hold "
               "configuration job last_job undo drift checked_at problem "
               "addresses_from since vcpus memory disk_capacity "
               "disk_allocation snapshots no_undo as_of ");
  }
  const json::value lost = one_server_body(world, "lost");
  BOOST_TEST(lost.at("host").is_null());
  BOOST_TEST(json::serialize(lost.at("state")) == R"("unknown")");
  BOOST_TEST(!lost.at("fresh").as_bool());
}

BOOST_AUTO_TEST_CASE(a_server_shows_the_job_that_works_not_one_that_waits) {
  World world = small_console();
  world.jobs[3] = job_on("qa1", 3, "bob", JobState::queued);
  world.jobs[4] = job_on("qa1", 4, "bob", JobState::running);
  const json::value body = one_server_body(world, "qa1");
  BOOST_TEST(body.at("job").at("id").as_int64() == 4);
}

BOOST_AUTO_TEST_CASE(a_job_reads_alike_while_it_lives_and_after_its_end) {
  World world = small_console();
  const LiveJob live = job_on("qa1", 3, "bob", JobState::running);
  HistoryLine line;
  JobResult result;
  result.outcome = Outcome::succeeded;
  line.job = summary_of(live.job, result, {}, kNow);
  const auto sorted = [](const json::object& object) {
    std::set<std::string> names;
    for (const auto& [name, item] : object) names.emplace(name);
    return names;
  };
  const auto alive = sorted(job_body(world, live, true));
  const auto ended = sorted(ended_body(line, true));
  BOOST_TEST(alive == ended, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(jobs_are_listed_newest_first_live_and_ended_together) {
  World world = small_console();
  world.jobs[3] = job_on("qa1", 3, "bob", JobState::running);
  world.jobs[6] = job_on("qa2", 6, "bob", JobState::queued);
  for (const std::int64_t id : {2, 4, 5}) {
    const json::value body{{"id", id}};
    world.ended.push_back({id, json::serialize(body)});
  }
  const json::value all = json::parse(jobs_text(world));
  std::string order;
  for (const auto& job : all.at("jobs").as_array()) {
    order += std::to_string(job.at("id").as_int64()) + " ";
  }
  BOOST_TEST(order == "6 5 4 3 2 ");
}

BOOST_AUTO_TEST_CASE(what_is_left_counts_database_and_checkout_side_by_side) {
  World world = small_console();
  json::array steps;
  for (const char* name : {"preflight", "database", "checkout", "switch"}) {
    const std::int64_t ms = std::string(name) == "checkout" ? 9000 : 1000;
    steps.push_back({{"name", name}, {"state", "done"}, {"ms", ms}});
  }
  world.usual.learn({{"outcome", "succeeded"},
                     {"kind", "build"},
                     {"application", "shop"},
                     {"duration_ms", 11000},
                     {"steps", steps}});
  LiveJob live = job_on("qa1", 3, "bob", JobState::running);
  live.job.arguments["database"] = "newest";
  BOOST_TEST(left_ms(world, live).value() == 11000);
  live.steps.push_back(record("preflight", "start", ""));
  live.steps.push_back(record("preflight", "end", "done"));
  BOOST_TEST(left_ms(world, live).value() == 10000);
  live.steps.push_back(record("checkout", "start", ""));
  live.steps.back().done = 50;
  live.steps.back().total = 100;
  BOOST_TEST(left_ms(world, live).value() == 5500);
  // Without a checkout only the database counts.
  live.job.arguments["checkout"] = false;
  BOOST_TEST(left_ms(world, live).value() == 2000);
}

BOOST_AUTO_TEST_CASE(old_news_of_a_cluster_is_not_fresh) {
  World world = small_console();
  json::value body = clusters_body(world);
  BOOST_TEST(body.at("clusters").at(0).at("fresh").as_bool());
  world.now = kNow + 3600;
  body = clusters_body(world);
  BOOST_TEST(!body.at("clusters").at(0).at("fresh").as_bool());
  const auto shop = applications_body(world).at("applications").at(0);
  BOOST_TEST(!shop.at("fresh").as_bool());
  BOOST_TEST(shop.at("bases").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_guest_that_vanished_is_kept_as_long_as_it_is_held) {
  World world = small_console();
  world.servers["qa1"].hold = hold_of("bob");
  Host host;
  host.known = host.fresh = true;
  host.seen.connected = true;
  DomainState domain;
  domain.name = domain.server = "qa2";
  domain.state = "running";
  host.seen.domains = {domain};
  world.hosts["kvm1"] = host;
  world.merge_hosts();
  BOOST_TEST(world.servers.size() == 2u);
  BOOST_TEST(world.servers.at("qa1").state == "unknown");
  BOOST_TEST(world.servers.at("qa1").stale_reason == "no host lists it");
  BOOST_TEST(world.servers.at("qa1").hold->user == "bob");
  BOOST_TEST(world.servers.at("qa2").fresh);
}

BOOST_AUTO_TEST_CASE(an_application_shows_its_data_and_how_it_came) {
  World world = small_console();
  ApplicationConfig& shop = world.config.applications["shop"];
  shop.dump = "/srv/shop.dmp";
  shop.spares = 3;
  ClusterState& seen = world.clusters["db1"];
  seen.bases = {{"shop", "20261122024100", "berth_b", kNow - 86400, 1},
                {"shop", "20261121024100", "berth_b", kNow - 172800, 1}};
  seen.spares = {{"shop", "20261122024100", 2}, {"shop", "20261121024100", 1}};
  world.last_refresh["shop"] = {{"job", 4}};
  world.jobs[5].job.id = 5;
  world.jobs[5].job.kind = JobKind::refresh;
  world.jobs[5].job.application = "shop";
  world.jobs[5].state = JobState::running;
  const json::value all = applications_body(world);
  const json::value& body = all.at("applications").at(0);
  BOOST_TEST(members(body) ==
             "name kind repository cluster database servers url bases data_at "
             "spares spares_wanted generations_kept can_refresh refresh "
             "last_refresh fresh stale_reason usual_ms usual ");
  BOOST_TEST(body.at("spares").as_int64() == 2);  // of the newest
  BOOST_TEST(body.at("spares_wanted").as_int64() == 3);
  BOOST_TEST(body.at("generations_kept").as_int64() == 2);
  BOOST_TEST(std::string(body.at("data_at").as_string()) ==
             rfc3339(kNow - 86400));
  BOOST_TEST(body.at("can_refresh").as_bool());
  BOOST_TEST(body.at("refresh").at("id").as_int64() == 5);
  BOOST_TEST(body.at("last_refresh").at("job").as_int64() == 4);
  const json::value& site = all.at("applications").at(1);
  BOOST_TEST(members(site) == members(body));
  BOOST_TEST(!site.at("can_refresh").as_bool());
  BOOST_TEST(site.at("refresh").is_null());
  BOOST_TEST(site.at("last_refresh").is_null());
  BOOST_TEST(site.at("data_at").is_null());
}

BOOST_AUTO_TEST_CASE(a_cluster_shows_spares_orphans_and_its_troubles) {
  World world = small_console();
  ClusterState& seen = world.clusters["db1"];
  seen.spares = {{"shop", "20261122024100", 2}};
  seen.orphans = {{"directory", "base/16999", "nobody has it", 7}};
  seen.former.resize(3);
  seen.problems = {"the role lacks CREATEDB"};
  world.tidy_trouble["db1"] = "exit code 1";
  const json::value all = clusters_body(world);
  const json::value& body = all.at("clusters").at(0);
  BOOST_TEST(json::serialize(body.at("spares")) ==
             R"([{"application":"shop","generation":"20261122024100",)"
             R"("ready":2}])");
  BOOST_TEST(body.at("former").as_uint64() == 3u);
  BOOST_TEST(json::serialize(body.at("orphans")) ==
             R"([{"kind":"directory","name":"base/16999",)"
             R"("reason":"nobody has it","size":7}])");
  const auto& problems = body.at("problems").as_array();
  BOOST_REQUIRE(problems.size() == 2u);
  BOOST_TEST((std::string(problems.at(1).as_string()).find("exit code 1") !=
              std::string::npos));
}

BOOST_AUTO_TEST_CASE(a_job_without_an_application_says_so) {
  World world = small_console();
  LiveJob live;
  live.job.id = 3;
  live.job.kind = JobKind::drop;
  live.job.user = "root";
  live.job.arguments = {{"cluster", "db1"}, {"database", "berth_x"}};
  BOOST_TEST(job_body(world, live, true).at("application").is_null());
  BOOST_TEST(job_short(world, live).at("application").is_null());
}

BOOST_AUTO_TEST_SUITE_END()
