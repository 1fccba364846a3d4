// SPDX-License-Identifier: GPL-2.0-or-later
// What history remembers of databases: what was before, refreshes, spares,
// drops; and that no number is ever given out twice.
#include <boost/test/unit_test.hpp>
#include <limits>

#include "runner/decide/spares.hpp"
#include "runner/dispatch.hpp"
#include "runner/tree.hpp"
#include "runner/world/job_claim.hpp"
#include "runner/world/summary.hpp"

BOOST_AUTO_TEST_SUITE(ledger_data)

using namespace berth;
using namespace berth::runner;
namespace fs = std::filesystem;

namespace {

Configuration configuration_of(std::int64_t job, const std::string& slot) {
  Configuration out;
  out.application = "shop";
  out.path = "trunk";
  out.revision = std::to_string(job);
  out.kind = "svn";
  out.slot = slot;
  out.user = "bob";
  out.job = job;
  out.built_at = kNow;
  return out;
}

std::vector<StepRecord> began(const std::string& step) {
  StepRecord out;
  out.step = step;
  out.event = "start";
  out.at = rfc3339_ms(kNow * 1000);
  return {out};
}

constexpr const char* kBoth =
    R"({"application":"shop","path":"trunk","database":"newest",)"
    R"("checkout":true})";
constexpr const char* kCheckout =
    R"({"application":"shop","path":"trunk","database":"none",)"
    R"("checkout":true})";

// A job on qa1 from its drop to its end; its number.
std::int64_t done(const Tree& tree, Life& life, char token,
                  const std::string& action, const std::string& arguments,
                  const std::function<void(JobResult&, std::int64_t)>& how,
                  const std::string& step) {
  Drop drop = submitted(token, "bob", action, "qa1", arguments);
  tree.drop(drop);
  life.accept();
  const auto receipt = read_receipt(Dir(tree.layout().receipts), drop.token);
  BOOST_REQUIRE_MESSAGE(receipt->job, receipt->detail);
  const std::int64_t id = *receipt->job;
  life.ledger.activate(life.world.jobs.at(id));
  JobResult result = result_of(Outcome::succeeded);
  how(result, id);
  life.ledger.end(id, result, began(step));
  return id;
}

void commit(JobResult& result, std::int64_t id) {
  result.committed = true;
  result.configuration = to_json(configuration_of(id, id % 2 ? "a" : "b"));
}

void fail(JobResult& result, std::int64_t) {
  result.outcome = Outcome::failed;
}

// The trash that a switch leaves, as tidy would tell of it.
void tidied(World& world, std::int64_t job) {
  ClusterState state = world.clusters["db1"];
  FormerDatabase former;
  former.server = "qa1";
  former.job = job;
  former.application = "shop";
  former.until = wall_now() + 3600;
  state.former = {former};
  state.as_of = wall_now() + 5;
  world.take_cluster("db1", state);
}

std::string event_at_end(const Tree& tree, const std::string& path,
                         const std::string& subject) {
  const auto raw = read_history(Dir(tree.dir / path), subject, 1,
                                std::nullopt);
  return history_line_from_json(parse_json(raw.at(0))).event;
}

bool same(const LastSwitch& a, const LastSwitch& b) {
  return a.job == b.job && a.checkout == b.checkout &&
         a.database == b.database && a.began == b.began &&
         a.before == b.before && a.lost_to == b.lost_to;
}

const LastSwitch& of_qa1(const Life& life) {
  return life.world.servers.at("qa1").last_switch;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_before_is_known_now_and_after_a_restart) {
  const Tree tree;
  Life life(tree);
  const auto check = [&] {
    const Life next(tree);
    BOOST_TEST(same(of_qa1(life), of_qa1(next)));
  };
  done(tree, life, '1', "build", kBoth, commit, "switch");
  BOOST_TEST(of_qa1(life).job == 1);
  BOOST_TEST(!of_qa1(life).before.has_value());
  check();
  done(tree, life, '2', "build", kCheckout, commit, "switch");
  BOOST_TEST(of_qa1(life).job == 2);
  BOOST_TEST(of_qa1(life).checkout);
  BOOST_TEST(!of_qa1(life).database);
  BOOST_TEST(of_qa1(life).before->job == 1);
  check();
  // Lines that change no configuration change nothing here.
  tree.drop(submitted('3', "bob", "reserve", "qa1", R"({"hours":9})"));
  life.accept();
  BOOST_TEST(of_qa1(life).before->job == 1);
  // One that fails before its checkout leaves the slot alone.
  done(tree, life, '4', "build", kBoth, fail, "preflight");
  BOOST_TEST(of_qa1(life).lost_to == 0);
  check();
  const auto lost =
      done(tree, life, '5', "build", kBoth, fail, "checkout");
  BOOST_TEST(of_qa1(life).lost_to == lost);
  BOOST_TEST(of_qa1(life).before->job == 1);
  check();
  const auto last = done(tree, life, '6', "build", kBoth, commit, "switch");
  BOOST_TEST(of_qa1(life).job == last);
  BOOST_TEST(of_qa1(life).database);
  BOOST_TEST(of_qa1(life).lost_to == 0);
  BOOST_TEST(of_qa1(life).before->job == 2);
  check();
}

BOOST_AUTO_TEST_CASE(an_undo_replaces_the_configuration_and_can_be_undone) {
  const Tree tree;
  Life life(tree);
  done(tree, life, '1', "build", kBoth, commit, "switch");
  done(tree, life, '2', "build", kBoth, commit, "switch");
  tidied(life.world, 2);
  const auto undone = [](JobResult& result, std::int64_t id) {
    Configuration back = configuration_of(1, "a");
    back.job = id;
    result.committed = true;
    result.configuration = to_json(back);
  };
  const Hold before = *life.world.servers.at("qa1").hold;
  const auto id = done(tree, life, '3', "undo", "{}", undone, "switch");
  const Server& qa1 = life.world.servers.at("qa1");
  BOOST_TEST(event_at_end(tree, "lib/history", "qa1") == "undone");
  BOOST_TEST(qa1.configuration->revision == "1");
  BOOST_TEST(qa1.configuration->job == id);
  BOOST_TEST((*qa1.hold == before));
  BOOST_TEST(qa1.last_switch.database);
  BOOST_TEST(qa1.last_switch.before->revision == "2");
  const Life next(tree);
  BOOST_TEST(same(of_qa1(life), of_qa1(next)));
  // Keep changes nothing of it.
  tidied(life.world, id);
  done(tree, life, '4', "keep", R"({"hours":2})", [](JobResult&, auto) {},
       "keep");
  BOOST_TEST(event_at_end(tree, "lib/history", "qa1") == "kept");
  BOOST_TEST(qa1.configuration->job == id);
  BOOST_TEST(qa1.last_switch.job == id);
}

BOOST_AUTO_TEST_CASE(what_was_before_is_found_in_last_years_file) {
  const Tree tree;
  const Dir dir(tree.layout().history);
  const Instant last_year = *parse_rfc3339("2025-12-31T12:00:00Z");
  const Instant this_year = *parse_rfc3339("2026-01-01T12:00:00Z");
  const auto line = [](std::int64_t job, Instant at) {
    HistoryLine out;
    out.at = at;
    out.event = "built";
    out.cause_job = job;
    out.configuration = configuration_of(job, "a");
    out.job = {{"id", job},
               {"kind", "build"},
               {"outcome", "succeeded"},
               {"application", "shop"},
               {"server", "qa1"},
               {"arguments", {{"checkout", true}, {"database", "none"}}}};
    return out;
  };
  {
    History history(dir, "qa1");
    history.append(line(1, last_year));
    history.append(line(2, last_year));
    HistoryLine held;
    held.at = this_year;
    held.event = "reserved";
    held.cause_token = "t";
    held.configuration = configuration_of(2, "a");
    history.append(held);
  }
  BOOST_TEST(tree.has("lib/history/qa1.2025.jsonl"));
  const LastSwitch found = read_last_switch(dir, "qa1");
  BOOST_TEST(found.job == 2);
  BOOST_TEST(found.before->job == 1);
}

BOOST_AUTO_TEST_CASE(a_drop_is_a_line_of_its_cluster) {
  const Tree tree;
  Life life(tree);
  life.world.clusters["db1"].orphans = {{"database", "berth_x_s", "odd", 1}};
  life.world.config.admins = {};
  Job job;
  job.id = life.ledger.next_number();
  job.kind = JobKind::drop;
  job.user = "root";
  job.created_at = kNow;
  job.arguments = {{"cluster", "db1"}, {"database", "berth_x_s"}};
  life.ledger.add(job);
  BOOST_TEST(claim_of(life.world.config, job) == "");
  life.ledger.activate(life.world.jobs.at(job.id));
  JobResult result = result_of(Outcome::succeeded);
  result.committed = true;
  life.ledger.end(job.id, result, began("drop"));
  BOOST_TEST(event_at_end(tree, "lib/history/clusters", "db1") == "dropped");
  BOOST_TEST(life.world.changed.contains("db1"));
  const Life next(tree);
  BOOST_TEST(next.world.ended.size() == 1u);
  BOOST_TEST(next.world.last_number == job.id);
}

BOOST_AUTO_TEST_CASE(the_last_refresh_is_found_behind_a_thousand_spares) {
  const Tree tree;
  const Dir dir(tree.layout().application_history);
  {
    History history(dir, "shop");
    for (std::int64_t id = 1; id <= 1003; ++id) {
      Job job;
      job.id = id;
      job.kind = id <= 2 ? JobKind::refresh : JobKind::spare;
      job.application = "shop";
      job.user = id <= 2 ? "carol" : "berth";
      job.created_at = kNow;
      JobResult result =
          result_of(id == 2 ? Outcome::failed : Outcome::succeeded);
      result.committed = id != 2;
      result.failed_step = id == 2 ? "restore" : "";
      result.detail = id == 1 ? "generation 20261122024100 of the dump of "
                                "2026-11-22T02:00:00Z"
                              : "pg_restore: out of disk";
      HistoryLine line;
      line.at = kNow + id;
      line.event = event_of(job, result.outcome);
      line.cause_job = id;
      line.job = summary_of(job, result, {}, kNow);
      line.detail = result.detail;
      history.append(line);
    }
  }
  Life life(tree);
  const json::value& last = life.world.last_refresh.at("shop");
  BOOST_TEST(json::serialize(last.at("job")) == "2");
  BOOST_TEST(json::serialize(last.at("outcome")) == R"("failed")");
  BOOST_TEST(json::serialize(last.at("failed_step")) == R"("restore")");
  BOOST_TEST(json::serialize(last.at("user")) == R"("carol")");
  BOOST_TEST(last.at("generation").is_null());
  BOOST_TEST(!last.at("committed").as_bool());
  BOOST_TEST(json::serialize(last.at("at")) ==
             "\"" + rfc3339(kNow + 2) + "\"");
  // And the next one replaces it.
  Job job;
  job.id = life.ledger.next_number();
  job.kind = JobKind::refresh;
  job.application = "shop";
  job.user = "root";
  job.created_at = kNow;
  life.ledger.add(job);
  JobResult result = result_of(Outcome::succeeded);
  result.committed = true;
  result.base = MadeBase{"20261123024100", "berth_x_b_shop_20261123024100",
                         kNow - 7200, 1 << 20};
  life.world.clusters["db1"].bases = {
      {"shop", "20261122024100", "berth_x_b_shop_20261122024100", {}, 1}};
  life.ledger.end(job.id, result, began("publish"));
  const json::value& next = life.world.last_refresh.at("shop");
  BOOST_TEST(json::serialize(next.at("generation")) ==
             R"("20261123024100")");
  BOOST_TEST(json::serialize(next.at("data_at")) ==
             "\"" + rfc3339(kNow - 7200) + "\"");
  // Seen at once, though no tidy has looked yet.
  const auto& bases = life.world.clusters["db1"].bases;
  BOOST_REQUIRE(bases.size() == 2u);
  BOOST_TEST(bases[0].generation == "20261123024100");
  BOOST_TEST(bases[0].size == 1 << 20);
  BOOST_TEST(event_at_end(tree, "lib/history/applications", "shop") ==
             "refreshed");
}

BOOST_AUTO_TEST_CASE(a_number_is_never_given_out_twice) {
  struct Row {
    const char* what;
    std::function<void(const Tree&)> leave;
    std::int64_t next;
  };
  const std::vector<Row> rows = {
      {"nothing", [](const Tree&) {}, 1},
      {"a sequence", [](const Tree& t) {
         t.dir.put("lib/sequence", "40\n");
       }, 41},
      {"a log", [](const Tree& t) {
         t.dir.put("lib/sequence", "7\n");
         t.dir.put("log/41.log", "");
       }, 42},
      {"a log that is none", [](const Tree& t) {
         t.dir.put("log/x43.log", "");
         t.dir.put("log/43.logs", "");
       }, 1},
      {"a queue", [](const Tree& t) {
         t.dir.put("spool/queue/50.json",
                   json::serialize(to_json([] {
                     Job job;
                     job.id = 50;
                     job.kind = JobKind::refresh;
                     job.application = "shop";
                     job.user = "carol";
                     return job;
                   }())));
       }, 51},
      {"a configuration in history", [](const Tree& t) {
         HistoryLine line;
         line.at = kNow;
         line.event = "reserved";
         line.cause_token = "t";
         line.configuration = configuration_of(60, "a");
         History(Dir(t.layout().history), "qa1").append(line);
       }, 61},
  };
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      const Tree tree;
      row.leave(tree);
      Life life(tree);
      BOOST_TEST(life.ledger.next_number() == row.next);
      // What a cluster tells later counts as well.
      ClusterState state = life.world.clusters["db1"];
      state.live = {{"shop_qa1", 17000, "qa1", "shop", "20261122024100", 99}};
      life.world.take_cluster("db1", state);
      BOOST_TEST(life.ledger.next_number() == 100);
    }
  }
}

// An application's role owns its live database, and writes its marker.
BOOST_AUTO_TEST_CASE(a_marker_does_not_use_up_the_numbers) {
  const Tree tree;
  Life life(tree);
  ClusterState state = life.world.clusters["db1"];
  for (const std::int64_t job :
       {std::int64_t{999'999'999'999'999}, std::int64_t{1} << 62,
        std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    state.live = {{"shop_qa1", 17000, "qa1", "shop", "20261122024100", job}};
    life.world.take_cluster("db1", state);
  }
  BOOST_TEST(life.ledger.next_number() == 1);
}

BOOST_AUTO_TEST_CASE(who_made_way_has_not_used_up_an_attempt) {
  const Tree tree;
  Life life(tree);
  const Job job = spare_job(life.world, {"shop", "20261122024100"},
                            life.ledger.next_number());
  life.ledger.add(job);
  BOOST_TEST(tree.has("spool/queue/1.json"));
  for (int i = 0; i < 9; ++i) {
    life.ledger.activate(life.world.jobs.at(1));
    life.ledger.requeue(life.world.jobs.at(1), false);
  }
  BOOST_TEST(life.world.jobs.at(1).job.attempt == 1);
  life.ledger.activate(life.world.jobs.at(1));
  life.ledger.requeue(life.world.jobs.at(1));
  const Life next(tree);
  BOOST_TEST(next.world.jobs.at(1).job.attempt == 2);
  BOOST_TEST(next.world.jobs.at(1).job.user == "berth");
}

BOOST_AUTO_TEST_CASE(failed_spares_are_remembered_across_a_restart) {
  const Tree tree;
  {
    Life life(tree);
    for (int i = 0; i < 3; ++i) {
      const Job job = spare_job(life.world, {"shop", "20261122024100"},
                                life.ledger.next_number());
      life.ledger.add(job);
      life.ledger.end(job.id, result_of(Outcome::failed), began("copy"));
    }
    BOOST_TEST(life.world.spare_trouble.at("shop").failures == 3);
  }
  Life next(tree);
  BOOST_TEST(next.world.spare_trouble.at("shop").failures == 3);
  BOOST_TEST(next.world.spare_trouble.at("shop").not_before ==
             kNow + 240);
  // One that found enough of them is as good as a failure: whoever counted
  // wrongly would ask again and again. One that was made ends it.
  const auto end = [&next](bool committed) {
    const Job job = spare_job(next.world, {"shop", "20261122024100"},
                              next.ledger.next_number());
    next.ledger.add(job);
    JobResult result = result_of(Outcome::succeeded);
    result.committed = committed;
    next.ledger.end(job.id, result, began("copy"));
    return next.world.spare_trouble.at("shop").failures;
  };
  BOOST_TEST(end(false) == 4);
  BOOST_TEST(end(true) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
