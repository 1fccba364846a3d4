// SPDX-License-Identifier: GPL-2.0-or-later
// The end of a job, take-overs, requeues: done once, wherever a kill cut in.
#include <boost/test/unit_test.hpp>

#include "runner/summary.hpp"
#include "runner/tree.hpp"

BOOST_AUTO_TEST_SUITE(ledger)

using namespace berth;
using namespace berth::runner;
namespace fs = std::filesystem;

namespace {

std::string build(const std::string& release) {
  return R"({"application":"shop","path":"trunk","database":"none",)"
         R"("checkout":true,"release":")" +
         release + "\"}";
}

std::vector<std::string> events(const Tree& tree, const std::string& server) {
  std::vector<std::string> out;
  for (const auto& raw :
       read_history(Dir(tree.layout().history), server, 100, std::nullopt)) {
    out.insert(out.begin(), history_line_from_json(parse_json(raw)).event);
  }
  return out;
}

using Events = std::vector<std::string>;

JobResult committed(std::int64_t job) {
  JobResult result = result_of("succeeded");
  Configuration configuration;
  configuration.application = "shop";
  configuration.path = "trunk";
  configuration.revision = "7";
  configuration.kind = "svn";
  configuration.slot = "a";
  configuration.user = "bob";
  configuration.job = job;
  configuration.built_at = kNow;
  result.committed = true;
  result.configuration = to_json(configuration);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_job_ends_with_its_configuration_and_its_hold) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("on_success")));
  Life life(tree);
  life.accept();
  life.ledger.activate(life.world.jobs.at(1));
  life.ledger.end(1, committed(1), {});
  const Events wanted = {"reserved", "built", "released"};
  BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
  BOOST_TEST(life.world.servers.at("qa1").configuration->revision == "7");
  BOOST_TEST(!tree.has("spool/active/1.json"));
  const Life next(tree);
  BOOST_TEST(next.world.servers.at("qa1").configuration->revision == "7");
  BOOST_TEST(next.world.ended.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_failed_build_keeps_the_old_configuration_and_the_hold) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("on_success")));
  Life life(tree);
  life.accept();
  life.ledger.activate(life.world.jobs.at(1));
  JobResult failed = committed(1);
  failed.outcome = "failed";
  failed.committed = false;
  life.ledger.end(1, failed, {});
  BOOST_TEST(!life.world.servers.at("qa1").configuration.has_value());
  BOOST_TEST(life.world.servers.at("qa1").hold.has_value());
}

BOOST_AUTO_TEST_CASE(a_kill_between_line_and_removal_ends_the_job_once) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("always")));
  {
    Life life(tree);
    life.accept();
    life.ledger.activate(life.world.jobs.at(1));
    fs::copy(tree.dir / "spool/active/1.json", tree.dir / "kept");
    life.ledger.end(1, committed(1), {});
  }
  // As if the kill had come before the removal: active/ has it still.
  fs::copy(tree.dir / "kept", tree.dir / "spool/active/1.json");
  const Life next(tree);
  BOOST_TEST(next.world.jobs.empty());
  BOOST_TEST(!tree.has("spool/active/1.json"));
  const Events wanted = {"reserved", "built", "released"};
  BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_result_in_the_steps_ends_the_job_at_start) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
  {
    Life life(tree);
    life.accept();
    life.ledger.activate(life.world.jobs.at(1));
    StepsWriter steps(life.ledger.active_dir(), 1);
    StepRecord last;
    last.step = "job";
    last.event = "end";
    last.result = committed(1);
    steps.append(last);
  }
  const Life next(tree);
  BOOST_TEST(next.world.jobs.empty());
  BOOST_TEST(events(tree, "qa1").back() == "built");
}

BOOST_AUTO_TEST_CASE(a_requeued_job_keeps_its_number_and_counts_its_attempt) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
  Life life(tree);
  life.accept();
  life.ledger.activate(life.world.jobs.at(1));
  life.ledger.requeue(life.world.jobs.at(1));
  BOOST_TEST(tree.has("spool/queue/1.json"));
  const Life next(tree);
  BOOST_TEST(next.world.jobs.at(1).job.attempt == 2);
  BOOST_TEST((next.world.jobs.at(1).state == JobState::queued));
}

BOOST_AUTO_TEST_CASE(a_take_over_waits_for_the_job_also_across_a_restart) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
  {
    Life life(tree);
    life.accept();
    life.ledger.activate(life.world.jobs.at(1));
    tree.drop(submitted('b', "bob", "build", "qa1", build("never")));
    life.accept();
    tree.drop(submitted('c', "alice", "reserve", "qa1",
                        R"({"hours":1,"take_over":true})"));
    life.accept();
    BOOST_TEST(life.world.servers.at("qa1").hold->user == "bob");
    BOOST_TEST(!life.world.jobs.contains(2));  // it had not begun
  }
  Life next(tree);
  BOOST_TEST(next.world.servers.at("qa1").hold->user == "bob");
  BOOST_TEST(next.world.servers.at("qa1").taken_over_by == "alice");
  BOOST_TEST(next.world.jobs.at(1).job.cancel->user == "alice");
  // What a worker asks to do again is not done for the old holder.
  next.ledger.requeue(next.world.jobs.at(1));
  BOOST_TEST(next.world.jobs.empty());
  BOOST_TEST(next.world.servers.at("qa1").hold->user == "alice");
  const Events wanted = {"reserved", "build_cancelled", "build_cancelled",
                         "taken_over"};
  BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
  const Life last(tree);
  BOOST_TEST(last.world.servers.at("qa1").hold->user == "alice");
  BOOST_TEST(last.world.servers.at("qa1").taken_over_by == "");
}

BOOST_AUTO_TEST_CASE(a_hold_moves_on_to_the_next_job_of_its_holder) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("always")));
  Life life(tree);
  life.accept();
  life.ledger.activate(life.world.jobs.at(1));
  tree.drop(submitted('b', "bob", "build", "qa1", build("never")));
  life.accept();
  life.ledger.end(1, committed(1), {});
  BOOST_TEST(life.world.servers.at("qa1").hold->job.value() == 2);
  life.ledger.activate(life.world.jobs.at(2));
  life.ledger.end(2, committed(2), {});
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
}

BOOST_AUTO_TEST_CASE(a_hold_expires_once) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
  Life life(tree);
  life.accept();
  life.ledger.expire("qa1");
  life.ledger.expire("qa1");
  const Life next(tree);
  BOOST_TEST(!next.world.servers.at("qa1").hold.has_value());
  const Events wanted = {"reserved", "expired"};
  BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_ended_reads_the_same_after_a_restart) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
  std::string before;
  {
    Life life(tree);
    life.accept();
    life.ledger.activate(life.world.jobs.at(1));
    life.ledger.end(1, committed(1), {});
    before = life.world.changes.ended.at(1);
  }
  const Life next(tree);
  BOOST_TEST(next.world.changes.ended.at(1) == before);
}

BOOST_AUTO_TEST_CASE(a_long_detail_is_cut_between_characters) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
  Life life(tree);
  life.accept();
  life.ledger.activate(life.world.jobs.at(1));
  JobResult result = result_of("failed");
  result.detail = "x";
  for (int i = 0; i < 40'000; ++i) result.detail += "\xc3\xa4";
  life.ledger.end(1, result, {});
  const Life next(tree);
  BOOST_REQUIRE(next.world.ended.size() == 1u);
  const auto last = read_history(Dir(tree.layout().history), "qa1", 1,
                                 std::nullopt);
  const auto line = history_line_from_json(parse_json(last.at(0)));
  BOOST_TEST(line.event == "build_failed");
  BOOST_TEST(line.detail.size() == 1999u);
}

BOOST_AUTO_TEST_CASE(the_usual_time_is_the_median_of_the_last_ten) {
  Usual usual;
  for (int ms = 1; ms <= 25; ++ms) {
    usual.learn({{"outcome", "succeeded"},
                 {"kind", "build"},
                 {"application", "shop"},
                 {"duration_ms", ms * 10},
                 {"steps", {{{"name", "switch"}, {"state", "done"},
                             {"ms", ms}},
                            {{"name", "verify"}, {"state", "skipped"},
                             {"ms", 99}}}}});
  }
  usual.learn({{"outcome", "failed"}, {"kind", "build"},
               {"application", "shop"}, {"duration_ms", 1}});
  BOOST_TEST(usual.step("build", "shop", "switch").value() == 21);
  BOOST_TEST(usual.job("build", "shop").value() == 210);
  BOOST_TEST(!usual.step("build", "shop", "verify").has_value());
  BOOST_TEST(!usual.job("build", "wiki").has_value());
  // Another kind of job says nothing about builds, nor does one that found
  // nothing to do about those that do.
  usual.learn({{"outcome", "succeeded"}, {"kind", "spare"},
               {"application", "shop"}, {"committed", true},
               {"duration_ms", 7}});
  usual.learn({{"outcome", "succeeded"}, {"kind", "refresh"},
               {"application", "shop"}, {"committed", false},
               {"duration_ms", 8}});
  BOOST_TEST(usual.job("build", "shop").value() == 210);
  BOOST_TEST(usual.job("spare", "shop").value() == 7);
  BOOST_TEST(!usual.job("refresh", "shop").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
