// SPDX-License-Identifier: GPL-2.0-or-later
// The end of a job, take-overs, requeues: done once, wherever a kill cut in.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/error.hpp"
#include "runner/decide/checks.hpp"
#include "runner/publish/bodies.hpp"
#include "runner/tree.hpp"
#include "runner/world/summary.hpp"

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
  JobResult result = result_of(Outcome::succeeded);
  result.committed = true;
  result.configuration = to_json(trunk_of(job));
  return result;
}

// bob's job 1 builds on qa1.
void build_one(const Tree& tree, Life& life) {
  tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
  life.accept();
  life.ledger.activate(life.world.jobs.at(1));
  life.ledger.end(1, committed(1), {});
}

}  // namespace

// A worker's result is believed as far as a history can take it; one that it
// cannot take ends its job all the same, now and when berthd starts.
BOOST_AUTO_TEST_CASE(a_result_too_long_for_the_history_ends_its_job) {
  for (const bool restarted : {false, true}) {
    const Tree tree;
    tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
    JobResult result = committed(1);
    result.configuration.as_object()["path"] = std::string(70'000, 'A');
    {
      Life life(tree);
      life.accept();
      life.ledger.activate(life.world.jobs.at(1));
      if (!restarted) life.ledger.end(1, result, {});
    }
    if (restarted) {
      StepRecord record;
      record.step = "job";
      record.event = "end";
      record.result = result;
      StepsWriter(Dir(tree.layout().active), 1).append(record);
    }
    Life again(tree);
    again.accept();
    const Events wanted = {"reserved", "build_failed"};
    BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
    BOOST_TEST(again.world.jobs.empty());
    BOOST_TEST(!again.world.servers.at("qa1").configuration.has_value());
  }
}

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
  failed.outcome = Outcome::failed;
  failed.committed = false;
  StepRecord begun;
  begun.step = "switch";
  begun.event = "start";
  life.ledger.end(1, failed, {begun});
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
    tree.drop(submitted('c', "carol", "reserve", "qa1",
                        R"({"hours":1,"take_over":true})"));
    life.accept();
    BOOST_TEST(life.world.servers.at("qa1").hold->user == "bob");
    BOOST_TEST(!life.world.jobs.contains(2));  // it had not begun
  }
  Life next(tree);
  BOOST_TEST(next.world.servers.at("qa1").hold->user == "bob");
  BOOST_TEST(next.world.servers.at("qa1").taken_over_by == "carol");
  BOOST_TEST(next.world.jobs.at(1).job.cancel->user == "carol");
  // What a worker asks to do again is not done for the old holder.
  next.ledger.requeue(next.world.jobs.at(1));
  BOOST_TEST(next.world.jobs.empty());
  BOOST_TEST(next.world.servers.at("qa1").hold->user == "carol");
  const Events wanted = {"reserved", "build_cancelled", "build_cancelled",
                         "taken_over"};
  BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
  const Life last(tree);
  BOOST_TEST(last.world.servers.at("qa1").hold->user == "carol");
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

// It changed nothing there: the server's history and last job are as before,
// and who holds it keeps it.
BOOST_AUTO_TEST_CASE(a_preview_is_told_in_its_applications_history) {
  const Tree tree;
  {
    Life life(tree);
    build_one(tree, life);
    tree.drop(submitted('b', "eve", "preview", "qa1", build("never")));
    life.accept();
    life.ledger.activate(life.world.jobs.at(2));
    JobResult seen = result_of(Outcome::succeeded);
    seen.detail = "3 files";
    life.ledger.end(2, seen, {});
  }
  const Events wanted = {"reserved", "built"};
  BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
  Life next(tree);
  next.ledger.carry_on();
  BOOST_TEST(next.world.jobs.empty());
  BOOST_TEST(next.world.last_number == 2);
  const Server& server = next.world.servers.at("qa1");
  BOOST_TEST(server.last_job.at("id").as_int64() == 1);
  BOOST_TEST(server.configuration->job == 1);
  BOOST_TEST(next.world.highest_job["qa1"] == 1);
  BOOST_REQUIRE(next.world.ended.size() == 2);
  const json::value ended = json::parse(next.world.ended.back().text);
  BOOST_TEST(ended.at("kind").as_string() == "preview");
  BOOST_TEST(ended.at("server").as_string() == "qa1");
}

namespace {

void put_check(const Tree& tree, std::int64_t build, std::int64_t edits) {
  Check check;
  check.server = "qa1";
  check.job = 2;
  check.build = build;
  check.at = kNow;
  check.edits = edits;
  write_check(checks_dir(tree.layout().lib), check);
}

const json::value drift(const Life& life) {
  return one_server_body(life.world, "qa1").at("drift");
}

}  // namespace

// A check's file is the truth about drift; it leaves no line, and a build ends
// it because it is of another configuration.
BOOST_AUTO_TEST_CASE(a_check_marks_a_server_until_the_next_build) {
  const Tree tree;
  {
    Life life(tree);
    build_one(tree, life);
    tree.drop(submitted('b', "eve", "check", "qa1", "{}"));
    life.accept();
    BOOST_TEST(life.world.jobs.at(2).job.arguments.at("build").as_int64() == 1);
    BOOST_TEST(drift(life).is_null());
    put_check(tree, 1, 3);
    life.ledger.activate(life.world.jobs.at(2));
    life.ledger.end(2, result_of(Outcome::succeeded), {});
    BOOST_TEST(drift(life).at("edits").as_int64() == 3);
    BOOST_TEST(life.world.jobs.empty());
  }
  const Events wanted = {"reserved", "built"};
  BOOST_TEST(events(tree, "qa1") == wanted, boost::test_tools::per_element());
  Life next(tree);
  BOOST_TEST(drift(next).at("edits").as_int64() == 3);
  tree.drop(submitted('c', "bob", "build", "qa1", build("never")));
  next.accept();
  next.ledger.activate(next.world.jobs.at(3));
  next.ledger.end(3, committed(3), {});
  BOOST_TEST(drift(next).is_null());
  BOOST_TEST(one_server_body(next.world, "qa1").at("checked_at").is_null());
}

BOOST_AUTO_TEST_CASE(a_check_that_failed_or_cannot_be_read_marks_nothing) {
  const Tree tree;
  Life life(tree);
  build_one(tree, life);
  life.ledger.add(check_job(life.world, "qa1", life.ledger.next_number()));
  put_check(tree, 1, 3);
  life.ledger.activate(life.world.jobs.at(2));
  life.ledger.end(2, result_of(Outcome::failed), {});
  BOOST_TEST(drift(life).is_null());
  // berthd's own are in no list.
  BOOST_TEST(life.world.ended.size() == 1);
  for (const std::string& text :
       {std::string("{\"version\":9}"), std::string(300 << 10, ' ')}) {
    tree.dir.put("lib/checks/qa1.json", text);
    Life next(tree);
    BOOST_TEST(drift(next).is_null());
    BOOST_TEST(!std::filesystem::exists(tree.dir / "lib/checks/qa1.json"));
  }
  // What could not be read again is not written at all.
  Check check;
  check.server = "qa1";
  check.files.assign(200, {std::string(2000, 'x'), "changed"});
  BOOST_CHECK_THROW(write_check(checks_dir(tree.layout().lib), check), Error);
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
    before = life.world.changes.ended.at(1).text;
  }
  const Life next(tree);
  BOOST_TEST(next.world.changes.ended.at(1).text == before);
}

BOOST_AUTO_TEST_CASE(a_long_detail_is_cut_between_characters) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", build("never")));
  Life life(tree);
  life.accept();
  life.ledger.activate(life.world.jobs.at(1));
  JobResult result = result_of(Outcome::failed);
  result.detail = "x";
  for (int i = 0; i < 40'000; ++i) result.detail += "\xc3\xa4";
  life.ledger.end(1, result, {});
  const Life next(tree);
  BOOST_REQUIRE(next.world.ended.size() == 1u);
  const auto last = read_history(Dir(tree.layout().history), "qa1", 2,
                                 std::nullopt);
  const auto line = history_line_from_json(parse_json(last.at(1)));
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
  BOOST_TEST(usual.step(JobKind::build, "shop", "switch").value() == 21);
  BOOST_TEST(usual.job(JobKind::build, "shop").value() == 210);
  BOOST_TEST(!usual.step(JobKind::build, "shop", "verify").has_value());
  BOOST_TEST(!usual.job(JobKind::build, "site").has_value());
  // Another kind of job says nothing about builds, nor does one that found
  // nothing to do about those that do.
  usual.learn({{"outcome", "succeeded"}, {"kind", "spare"},
               {"application", "shop"}, {"committed", true},
               {"duration_ms", 7}});
  usual.learn({{"outcome", "succeeded"}, {"kind", "refresh"},
               {"application", "shop"}, {"committed", false},
               {"duration_ms", 8}});
  BOOST_TEST(usual.job(JobKind::build, "shop").value() == 210);
  BOOST_TEST(usual.job(JobKind::spare, "shop").value() == 7);
  BOOST_TEST(!usual.job(JobKind::refresh, "shop").has_value());
}

// One crooked file of the queue, of steps or of history hides no other.
BOOST_AUTO_TEST_CASE(a_crooked_file_keeps_berthd_from_nothing_else) {
  const Tree tree;
  {
    Life life(tree);
    tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
    tree.drop(submitted('b', "eve", "reserve", "qa2", R"({"hours":1})"));
    life.accept();
  }
  tree.dir.put("spool/queue/41.json", "{");
  tree.dir.put("spool/active/42.json", R"({"version":1,"id":42})");
  tree.dir.put("spool/active/43.json", R"({"version":1,"id":7})");
  // The head of qa1's history is damaged; qa3's is no JSON at all.
  std::string text = tree.dir.get("lib/history/qa1.jsonl");
  text[1] = '#';
  tree.dir.put("lib/history/qa1.jsonl", text);
  tree.dir.put("lib/history/qa3.jsonl", "rubbish\n\x01\n{}\n[]\n");
  Life life(tree);
  BOOST_TEST(life.world.servers.at("qa1").hold.has_value());
  BOOST_TEST(life.world.servers.at("qa2").hold.has_value());
  BOOST_TEST(life.world.jobs.empty());
  BOOST_TEST(life.world.last_number == 43);
  tree.drop(submitted('c', "bob", "reserve", "qa3", R"({"hours":1})"));
  life.accept();
  BOOST_TEST(life.world.servers.at("qa3").hold.has_value());
  BOOST_TEST(tree.has("spool/queue/41.json"));
}

BOOST_AUTO_TEST_CASE(crooked_steps_are_their_own_jobs_trouble) {
  const Tree tree;
  {
    Life life(tree);
    tree.drop(submitted('a', "bob", "build", "qa1",
                        R"({"application":"shop","path":"trunk",)"
                        R"("database":"none","checkout":true})"));
    life.accept();
    life.ledger.activate(life.world.jobs.at(1));
  }
  tree.dir.put("spool/active/1.steps", "{\"version\":1,\"job\":1}\n{\n");
  const Life life(tree);
  BOOST_TEST(life.world.jobs.at(1).steps.empty());
  BOOST_TEST(life.world.jobs.at(1).past_cancel);
}

BOOST_AUTO_TEST_SUITE_END()
