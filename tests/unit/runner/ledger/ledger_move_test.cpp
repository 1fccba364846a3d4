// SPDX-License-Identifier: GPL-2.0-or-later
// A build that changed nothing: its hold ends with it, and one on any server
// goes on to the next, once, wherever a kill cut in.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/error.hpp"
#include "runner/tree.hpp"

BOOST_AUTO_TEST_SUITE(ledger_move)

using namespace berth;
using namespace berth::runner;
namespace fs = std::filesystem;

namespace {

const char kAnyBuild[] =
    R"({"application":"shop","path":"trunk","database":"none",)"
    R"("checkout":true})";

std::vector<HistoryLine> told_of(const Tree& tree, const std::string& server) {
  std::vector<HistoryLine> out;
  for (const auto& raw :
       read_history(Dir(tree.layout().history), server, 100, std::nullopt)) {
    out.insert(out.begin(), history_line_from_json(parse_json(raw)));
  }
  return out;
}

std::string events_of(const Tree& tree, const std::string& server) {
  std::string out;
  for (const auto& line : told_of(tree, server)) out += line.event + " ";
  return out;
}

JobResult unfit(const std::string& server) {
  JobResult result = result_of(Outcome::failed);
  result.detail = server + " does not answer";
  result.faulty_server = server;
  return result;
}

StepRecord step(const char* name, const char* event) {
  StepRecord out;
  out.step = name;
  out.event = event;
  return out;
}

void start_job(Life& life, const Tree& tree, const std::string& target,
               char token = 'a') {
  tree.drop(submitted(token, "bob", "build", target, kAnyBuild));
  life.accept();
  life.ledger.activate(life.world.jobs.rbegin()->second);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_build_on_any_server_goes_on_till_none_is_left) {
  const Tree tree;
  Life life(tree);
  start_job(life, tree, "*");
  const Hold first = life.world.servers.at("qa1").hold.value();
  for (const char* server : {"qa1", "qa2"}) {
    life.ledger.end(1, unfit(server), {});
    const LiveJob& live = life.world.jobs.at(1);
    BOOST_TEST((live.state == JobState::queued));
    BOOST_TEST(!life.world.servers.at(server).hold.has_value());
    life.ledger.activate(life.world.jobs.at(1));
  }
  const auto& hold = life.world.servers.at("qa3").hold;
  BOOST_REQUIRE(hold.has_value());
  BOOST_TEST(hold->user == "bob");
  BOOST_TEST(hold->until == first.until);
  BOOST_TEST(life.world.jobs.at(1).job.attempt == 1);
  life.ledger.end(1, unfit("qa3"), {});
  BOOST_TEST(life.world.jobs.empty());
  BOOST_TEST(!life.world.servers.at("qa3").hold.has_value());
  BOOST_TEST(events_of(tree, "qa1") == "reserved build_moved ");
  BOOST_TEST(events_of(tree, "qa2") == "reserved build_moved ");
  BOOST_TEST(events_of(tree, "qa3") == "reserved build_failed released ");
  BOOST_TEST(told_of(tree, "qa1").back().detail ==
             "job 1 moves on to qa2: qa1 does not answer");
  BOOST_TEST(told_of(tree, "qa3").at(1).detail ==
             "qa3 does not answer; qa3 is released");
  // The same request again, as one with an Idempotency-Key is: it has ended.
  tree.drop(submitted('a', "bob", "build", "*", kAnyBuild));
  life.accept();
  BOOST_TEST(life.world.jobs.empty());
  BOOST_TEST(events_of(tree, "qa1") == "reserved build_moved ");
  // All three are known to be at fault, also to the next berthd.
  const Life next(tree);
  for (const char* server : {"qa1", "qa2", "qa3"}) {
    BOOST_TEST(life.world.servers.at(server).faulty);
    BOOST_TEST(next.world.servers.at(server).faulty);
  }
}

BOOST_AUTO_TEST_CASE(one_that_named_its_server_or_was_cancelled_goes_nowhere) {
  for (const char* target : {"qa1", "*"}) {
    const Tree tree;
    Life life(tree);
    start_job(life, tree, target);
    if (*target == '*') {
      life.world.jobs.at(1).job.cancel = CancelRequest{"bob", kNow};
    }
    life.ledger.end(1, unfit("qa1"), {});
    BOOST_TEST(events_of(tree, "qa1") == "reserved build_failed released ");
    BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
    BOOST_TEST(events_of(tree, "qa2") == "");
  }
}

// A berthd that has just started knows of no server yet: that is no reason to
// give up.
BOOST_AUTO_TEST_CASE(a_move_waits_until_the_hosts_have_spoken) {
  const Tree tree;
  Life life(tree);
  start_job(life, tree, "*");
  life.world.hosts_heard = false;
  life.world.servers["qa2"].fresh = life.world.servers["qa3"].fresh = false;
  BOOST_CHECK_THROW(life.ledger.end(1, unfit("qa1"), {}), Error);
  BOOST_TEST(life.world.jobs.contains(1));
  BOOST_TEST(events_of(tree, "qa1") == "reserved ");
  life.world.servers["qa3"].fresh = true;
  life.ledger.end(1, unfit("qa1"), {});
  BOOST_TEST(life.world.jobs.at(1).job.server == "qa3");
  life.ledger.activate(life.world.jobs.at(1));
  life.world.hosts_heard = true;
  life.ledger.end(1, unfit("qa3"), {});
  BOOST_TEST(life.world.jobs.empty());
}

BOOST_AUTO_TEST_CASE(a_failure_that_is_not_the_servers_ends_the_job) {
  const Tree tree;
  Life life(tree);
  start_job(life, tree, "*");
  life.ledger.end(1, result_of(Outcome::failed),
                  {step("preflight", "start"), step("preflight", "end")});
  BOOST_TEST(life.world.jobs.empty());
  BOOST_TEST(events_of(tree, "qa1") == "reserved build_failed released ");
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
  BOOST_TEST(!life.world.servers.at("qa1").faulty);
}

BOOST_AUTO_TEST_CASE(a_server_stays_at_fault_until_a_job_does_something_on_it) {
  const Tree tree;
  Life life(tree);
  const auto build = [&](char token, const JobResult& result) {
    start_job(life, tree, "qa1", token);
    life.ledger.end(life.world.jobs.rbegin()->first, result, {});
    const Life next(tree);
    const bool faulty = life.world.servers.at("qa1").faulty;
    BOOST_TEST(next.world.servers.at("qa1").faulty == faulty);
    return faulty;
  };
  BOOST_TEST(build('a', unfit("qa1")));
  BOOST_TEST(build('b', result_of(Outcome::failed)));
  BOOST_TEST(build('c', result_of(Outcome::cancelled)));
  BOOST_TEST(!build('d', result_of(Outcome::succeeded)));
}

// Every prefix of the writes that a move makes, in their order.
BOOST_AUTO_TEST_CASE(a_move_that_a_kill_cut_off_is_carried_on) {
  const char* const writes[] = {"lib/history/qa2.jsonl",
                                "lib/history/qa1.jsonl",
                                "spool/active/1.json", "steps"};
  for (std::size_t done = 0; done <= 4; ++done) {
    const Tree tree;
    {
      Life life(tree);
      start_job(life, tree, "*");
      StepRecord record = step("job", "end");
      record.result = unfit("qa1");
      StepsWriter(Dir(tree.layout().active), 1).append(record);
    }
    const TemporaryDir before;
    fs::copy(tree.dir.path(), before / "tree", fs::copy_options::recursive);
    const TemporaryDir after;
    {
      const Life moved(tree);
      BOOST_REQUIRE(tree.has("spool/queue/1.json"));
      fs::copy(tree.dir.path(), after / "tree", fs::copy_options::recursive);
    }
    fs::rename(after / "tree/spool/queue/1.json",
               after / "tree/spool/active/1.json");
    for (const char* part : {"lib", "spool"}) {
      fs::remove_all(tree.dir / part);
      fs::copy(before / (std::string("tree/") + part), tree.dir / part,
               fs::copy_options::recursive);
    }
    for (std::size_t i = 0; i < done; ++i) {
      const std::string name = writes[i];
      if (name == "steps") {
        fs::remove(tree.dir / "spool/active/1.steps");
      } else {
        fs::copy(after / ("tree/" + name), tree.dir / name,
                 fs::copy_options::overwrite_existing);
      }
    }
    BOOST_TEST_CONTEXT(done << " writes") {
      Life life(tree);
      const Job& job = life.world.jobs.at(1).job;
      BOOST_TEST(job.server == "qa2");
      BOOST_REQUIRE(job.tried.size() == 1u);
      BOOST_TEST(job.tried[0] == "qa1");
      BOOST_TEST(!tree.has("spool/active/1.steps"));
      BOOST_TEST(events_of(tree, "qa1") == "reserved build_moved ");
      BOOST_TEST(events_of(tree, "qa2") == "reserved ");
      BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
      BOOST_TEST(life.world.servers.at("qa2").hold->made_by.value() == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_hold_that_a_build_made_ends_when_nothing_was_changed) {
  struct Case {
    const char* name;
    std::vector<StepRecord> steps;
    bool committed;
    bool kept;
    const char* failed_step = "";
  };
  const Case cases[] = {
      {"nothing begun", {}, false, false},
      {"all before the switch",
       {step("preflight", "start"), step("preflight", "end"),
        step("checkout", "start"), step("checkout", "end"),
        step("converge", "end"), step("job", "end")},
       false, false},
      {"given up in the middle", {step("checkout", "start")}, false, true},
      {"given up, and no step told of", {}, false, true, "switch"},
      {"packages changed", {step("converge", "start"), step("converge", "end")},
       false, true},
      {"set back", {step("revert", "start"), step("revert", "end")}, false,
       true},
      {"switched and put back",
       {step("switch", "start"), step("switch", "end")},
       false, true},
      {"kept after verify", {step("switch", "start")}, true, true}};
  for (const auto& one : cases) {
    const Tree tree;
    Life life(tree);
    start_job(life, tree, "qa1");
    JobResult result = result_of(Outcome::failed);
    result.committed = one.committed;
    result.failed_step = one.failed_step;
    life.ledger.end(1, result, one.steps);
    BOOST_TEST_CONTEXT(one.name) {
      const auto lines = told_of(tree, "qa1");
      BOOST_REQUIRE(lines.size() == (one.kept ? 2u : 3u));
      BOOST_TEST(lines.back().hold.has_value() == one.kept);
      BOOST_TEST(life.world.servers.at("qa1").hold.has_value() == one.kept);
      BOOST_TEST((lines.at(1).detail == "failed") == one.kept);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_hold_that_the_holder_made_or_extended_stays) {
  for (const bool before : {true, false}) {
    const Tree tree;
    Life life(tree);
    const auto reserve = [&] {
      tree.drop(submitted('c', "bob", "reserve", "qa1", R"({"hours":9})"));
      life.accept();
    };
    if (before) reserve();
    start_job(life, tree, "qa1");
    if (!before) reserve();
    life.ledger.end(1, result_of(Outcome::failed), {});
    BOOST_TEST(life.world.servers.at("qa1").hold.has_value());
  }
}

BOOST_AUTO_TEST_CASE(the_next_job_of_the_holder_inherits_what_the_first_took) {
  const Tree tree;
  Life life(tree);
  start_job(life, tree, "qa1");
  tree.drop(submitted('b', "bob", "build", "qa1", kAnyBuild));
  life.accept();
  life.ledger.end(1, result_of(Outcome::failed), {});
  BOOST_TEST(life.world.servers.at("qa1").hold->made_by.value() == 2);
  life.ledger.activate(life.world.jobs.at(2));
  life.ledger.end(2, result_of(Outcome::failed), {});
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
}

BOOST_AUTO_TEST_CASE(a_queued_build_that_is_cancelled_gives_back_its_server) {
  const Tree tree;
  Life life(tree);
  tree.drop(submitted('a', "bob", "build", "qa1", kAnyBuild));
  life.accept();
  tree.drop(submitted('b', "bob", "cancel", "1", "{}"));
  life.accept();
  BOOST_TEST(life.world.jobs.empty());
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
}

// A full disk came between the hold on qa2 and the rest of the move, and bob
// released qa2 before there was room again.
BOOST_AUTO_TEST_CASE(a_server_that_was_released_meanwhile_is_not_moved_to) {
  const Tree tree;
  Hold made;
  {
    Life before(tree);
    start_job(before, tree, "*");
    made = before.world.servers.at("qa1").hold.value();
  }
  const Dir folder(tree.layout().history);
  History qa2(folder, "qa2");
  HistoryLine line;
  line.at = kNow;
  line.event = "reserved";
  line.user = "bob";
  line.cause_job = 1;
  line.hold = made;
  qa2.append(line);
  line.event = "released";
  line.cause_job.reset();
  line.cause_token = std::string(32, 'd');
  line.hold.reset();
  qa2.append(line);
  Life life(tree);
  life.ledger.end(1, unfit("qa1"), {});
  const Job& job = life.world.jobs.at(1).job;
  BOOST_TEST(job.server == "qa3");
  const auto& hold = life.world.servers.at(job.server).hold;
  BOOST_TEST((hold && hold->made_by == 1));
  BOOST_TEST(!life.world.servers.at("qa2").hold.has_value());
  BOOST_TEST(events_of(tree, "qa2") == "reserved released ");
}

BOOST_AUTO_TEST_SUITE_END()
