// SPDX-License-Identifier: GPL-2.0-or-later
// Power and snapshots: who may, what is in the way, what a revert leaves.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "runner/dispatch.hpp"
#include "runner/publish/bodies.hpp"
#include "runner/tree.hpp"
#include "runner/world/job_claim.hpp"
#include "runner/world/summary.hpp"

BOOST_AUTO_TEST_SUITE(machine)

using namespace berth;
using namespace berth::runner;

namespace {

struct Row {
  const char* what;
  std::function<void(World&)> change;
  const char* user;
  const char* action;
  const char* arguments;
  int status;
  const char* part;
};

Server& qa1(World& world) { return world.servers.at("qa1"); }

World with_snapshot() {
  World world = small_console();
  qa1(world).hold = hold_of("bob");
  qa1(world).domain.server = "qa1";
  Snapshot clean;
  clean.name = "clean";
  qa1(world).domain.snapshots = {clean};
  qa1(world).history_seq = 41;
  return world;
}

Receipt ask(const World& world, const char* user, const char* action,
            const char* arguments) {
  return berth::runner::decided_and_read(world,
                               drop_of(user, action, "qa1", arguments),
                               [] { return std::int64_t{20}; });
}

void check(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      World world = with_snapshot();
      row.change(world);
      const Receipt got = ask(world, row.user, row.action, row.arguments);
      BOOST_TEST(got.status == row.status);
      BOOST_TEST_CONTEXT(got.detail) {
        BOOST_TEST((got.detail.find(row.part) != std::string::npos));
      }
      BOOST_TEST(got.effects.empty() == !got.accepted);
    }
  }
}

constexpr const char* kReset = R"({"action":"reset"})";

}  // namespace

BOOST_AUTO_TEST_CASE(power_follows_the_table) {
  check({
      {"its holder's", [](World&) {}, "bob", "power", kReset, 201,
       "job 20 resets qa1"},
      {"an admin's", [](World&) {}, "carol", "power",
       R"({"action":"shutdown","force":true})", 201, "forces off qa1"},
      {"somebody else's", [](World&) {}, "eve", "power", kReset, 403,
       "qa1 is held by bob until"},
      {"nobody's", [](World& w) { qa1(w).hold.reset(); }, "eve", "power",
       R"({"action":"start"})", 201, "starts qa1"},
      {"what is off can be started", [](World& w) {
         qa1(w).state = "shut off";
       }, "bob", "power", R"({"action":"start"})", 201, "starts"},
      {"what is off cannot be reset", [](World& w) {
         qa1(w).state = "shut off";
       }, "bob", "power", kReset, 409, "qa1 is shut off, but must be running"},
      {"nor what is paused rebooted", [](World& w) {
         qa1(w).state = "paused";
       }, "bob", "power", R"({"action":"reboot"})", 409, "qa1 is paused"},
      {"what is paused can be shut down", [](World& w) {
         qa1(w).state = "paused";
       }, "bob", "power", R"({"action":"shutdown"})", 201, "shuts down qa1"},
      {"that it is off is said to everybody", [](World& w) {
         qa1(w).state = "shut off";
       }, "eve", "power", kReset, 409, "qa1 is shut off"},
      {"on a host that is away", [](World& w) {
         qa1(w).fresh = false;
         qa1(w).stale_reason = "host kvm1 is unreachable: timeout";
       }, "bob", "power", kReset, 409, "unreachable: timeout"},
      {"somebody else's on such a host", [](World& w) {
         qa1(w).fresh = false;
       }, "eve", "power", R"({"action":"start"})", 409, "cannot be used now"},
      {"while somebody takes it over", [](World& w) {
         qa1(w).taken_over_by = "carol";
       }, "bob", "power", kReset, 409, "taken over by carol"},
      {"an action that is none", [](World&) {}, "bob", "power",
       R"({"action":"explode"})", 400, "'start', 'shutdown'"},
      {"a reset by force", [](World&) {}, "bob", "power",
       R"({"action":"reset","force":true})", 400, "force: only for 'shutdown'"},
      {"while draining", [](World& w) { w.draining = true; }, "bob", "power",
       kReset, 503, "draining"},
      {"beside a build", [](World& w) {
         w.jobs[12] = job_on("qa1", 12, "bob", JobState::running);
       }, "bob", "power", kReset, 409, "job 12 on qa1 has not ended"},
      {"beside one that waits for its guest", [](World& w) {
         w.jobs[12] = job_on("qa1", 12, "bob", JobState::unsettled);
         w.jobs[13] = job_on("qa1", 13, "bob", JobState::queued);
       }, "bob", "power", kReset, 201, "next to job 12, which waits for it"},
  });
  BOOST_TEST(berth::runner::decided_and_read(
                 small_console(), drop_of("bob", "power", "qa9", kReset),
                 [] { return std::int64_t{1}; }).status == 404);
}

BOOST_AUTO_TEST_CASE(a_submission_cannot_say_beside_whom_it_works) {
  const Receipt got = ask(with_snapshot(), "bob", "power",
                          R"({"action":"reset","beside":12})");
  BOOST_REQUIRE(got.accepted);
  const Job job = job_from_json(got.effects[0].at("job"));
  BOOST_TEST(!job.arguments.contains("beside"));
  BOOST_TEST(claim_of(Config(), job) == "server:qa1");
}

BOOST_AUTO_TEST_CASE(power_beside_a_stuck_job_does_not_wait_for_its_claim) {
  World world = with_snapshot();
  world.jobs[12] = job_on("qa1", 12, "bob", JobState::unsettled);
  const Receipt got = ask(world, "bob", "power", kReset);
  BOOST_REQUIRE(got.accepted);
  const Job job = job_from_json(got.effects[0].at("job"));
  BOOST_TEST(claim_of(Config(), job) == "power:qa1");
}

BOOST_AUTO_TEST_CASE(snapshots_follow_the_table) {
  constexpr const char* kTake =
      R"({"action":"take","name":"new","note":"before the upgrade"})";
  check({
      {"its holder's", [](World&) {}, "bob", "snapshot", kTake, 201,
       "takes snapshot new of qa1"},
      {"somebody else's", [](World&) {}, "eve", "snapshot", kTake, 403,
       "qa1 is held by bob until"},
      {"of a free server", [](World& w) { qa1(w).hold.reset(); }, "bob",
       "snapshot", kTake, 403, "qa1 is free: reserve it first"},
      {"of a free server by an admin", [](World& w) {
         qa1(w).hold.reset();
       }, "carol", "snapshot", kTake, 201, "new"},
      {"on a host that is away", [](World& w) {
         qa1(w).fresh = false;
       }, "eve", "snapshot", kTake, 409, "cannot be used now"},
      {"more than a server may have", [](World& w) {
         qa1(w).domain.snapshots.resize(20);
       }, "bob", "snapshot", kTake, 409, "has 20 snapshots"},
      {"a name that is taken", [](World&) {}, "bob", "snapshot",
       R"({"action":"take","name":"clean"})", 409, "already has a snapshot clean"},
      {"no name", [](World&) {}, "bob", "snapshot",
       R"({"action":"take","name":"../x"})", 400, "is not a snapshot name"},
      {"back to one", [](World&) {}, "bob", "snapshot",
       R"({"action":"revert","name":"clean"})", 201, "reverts to snapshot"},
      {"back to none", [](World&) {}, "bob", "snapshot",
       R"({"action":"revert","name":"old"})", 404, "qa1 has no snapshot old"},
      {"deleting one", [](World&) {}, "bob", "snapshot",
       R"({"action":"delete","name":"clean"})", 201, "deletes"},
      {"beside a job that waits for its guest", [](World& w) {
         w.jobs[12] = job_on("qa1", 12, "bob", JobState::unsettled);
       }, "bob", "snapshot", kTake, 409, "job 12 on qa1 has not ended"},
      {"a build that begins with one", [](World&) {}, "bob", "build",
       R"({"application":"shop","path":"trunk","revert":"clean"})", 201,
       "builds shop on qa1"},
      {"also of a server that is off", [](World& w) {
         qa1(w).state = "shut off";
       }, "bob", "build",
       R"({"application":"shop","path":"trunk","revert":"clean"})", 201,
       "builds shop on qa1"},
      {"a build that begins with none", [](World&) {}, "bob", "build",
       R"({"application":"shop","path":"trunk","revert":"old"})", 409,
       "qa1 has no snapshot old"},
  });
}

// A receipt is read back whole.
BOOST_AUTO_TEST_CASE(of_very_many_snapshots_some_names_are_told) {
  World world = with_snapshot();
  qa1(world).domain.snapshots.resize(5000);
  const Receipt got = ask(world, "bob", "snapshot",
                          R"({"action":"revert","name":"gone"})");
  BOOST_TEST(got.status == 404);
  BOOST_TEST(got.extra.at("snapshots").as_array().size() == 100u);
}

BOOST_AUTO_TEST_CASE(a_snapshot_knows_the_line_of_history_it_was_taken_at) {
  const Receipt got = ask(with_snapshot(), "bob", "snapshot",
                          R"({"action":"take","name":"new","seq":7})");
  BOOST_REQUIRE(got.accepted);
  const Job job = job_from_json(got.effects[0].at("job"));
  BOOST_TEST(arguments_from<SnapshotArguments>(job.arguments).seq == 41);
}

// A name on two hosts: neither is built on, and both are named.
BOOST_AUTO_TEST_CASE(a_server_of_two_hosts_is_nobodys_to_build_on) {
  World world = small_console();
  world.servers.clear();
  for (const char* name : {"kvm1", "kvm2"}) {
    Host& host = world.hosts[name];
    host.known = host.fresh = true;
    DomainState domain;
    domain.server = "qa1";
    domain.state = "running";
    host.seen.domains.push_back(domain);
    domain.server = std::string("only-") + name;
    host.seen.domains.push_back(domain);
  }
  world.hosts["kvm2"].fresh = false;  // away, or not: who could know
  world.merge_hosts();
  const Server& both = world.servers.at("qa1");
  BOOST_TEST(!both.fresh);
  BOOST_TEST(both.clash ==
             "qa1 is a domain on host kvm1 and on host kvm2: rename one, or "
             "give it another name with `aliases`");
  BOOST_TEST(world.servers.at("only-kvm1").fresh);
  BOOST_TEST(std::ranges::count(world.free_servers(), "qa1") == 0);
  const auto body = one_server_body(world, "qa1");
  BOOST_TEST(body.at("problem").as_string() == both.clash);
  // Under both hosts, as are the domains that a watcher skipped.
  world.hosts["kvm1"].seen.skipped = {{"qa 1", "not a server name"}};
  world.hosts["kvm1"].seen.skipped_more = 3;
  world.hosts["kvm1"].seen.problems = {"domains: item 3 cannot be read: x"};
  world.hosts["kvm1"].seen.domains[1].name = "only-kvm1";
  world.hosts["kvm1"].seen.domains[1].problems = {"snapshot 'a\nb': y"};
  world.hosts["kvm1"].seen.domains[0].name = "Old Box";
  HostConfig second;
  second.name = "kvm2";
  world.config.hosts["kvm2"] = second;
  const json::value places = hosts_body(world);
  const json::array& hosts = places.at("hosts").as_array();
  BOOST_TEST(json::serialize(hosts.at(0).at("skipped")) ==
             R"([{"domain":"qa 1","reason":"not a server name"},)"
             R"({"domain":"Old Box","reason":")" + both.clash + R"("},)"
             R"({"domain":"...","reason":"3 more are skipped"}])");
  BOOST_TEST(json::serialize(hosts.at(0).at("problems")) ==
             R"(["domains: item 3 cannot be read: x",)"
             R"("domain only-kvm1: snapshot 'a\\x0ab': y"])");
  BOOST_TEST(hosts.at(1).at("skipped").as_array().size() == 1u);
  for (const char* what : {"power", "build"}) {
    const Receipt got = ask(world, "bob", what,
                            what[0] == 'p' ? kReset : kBuild.c_str());
    BOOST_TEST(got.status == 409);
    BOOST_TEST((got.detail.find("on host kvm2") != std::string::npos));
  }
  world.hosts.erase("kvm2");
  world.merge_hosts();
  BOOST_TEST(world.servers.at("qa1").fresh);
  BOOST_TEST(world.servers.at("qa1").clash.empty());
}

BOOST_AUTO_TEST_CASE(a_build_that_reverts_begins_with_that_step) {
  Job job;
  job.kind = JobKind::build;
  BOOST_TEST(steps_of(job).size() == 9u);
  job.arguments["revert"] = "clean";
  BOOST_TEST(steps_of(job).size() == 10u);
  BOOST_TEST(steps_of(job)[0] == "revert");
}

namespace {

JobResult reverted_result(Outcome outcome) {
  JobResult result = result_of(outcome);
  result.reverted =
      Reverted{"clean", to_json(trunk_of(3)), "reverted to clean"};
  return job_result_from_json(to_json(result));
}

std::vector<HistoryLine> lines_of(const Tree& tree) {
  std::vector<HistoryLine> out;
  for (const auto& raw :
       read_history(Dir(tree.layout().history), "qa1", 100, std::nullopt)) {
    out.push_back(history_line_from_json(parse_json(raw)));
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(after_a_revert_the_server_carries_what_it_did_then) {
  const Tree tree;
  Life life(tree);
  Job job = job_on("qa1", 5, "bob", JobState::queued).job;
  job.kind = JobKind::snapshot;
  job.application = "";
  job.arguments = {{"action", "revert"}, {"name", "clean"}};
  life.ledger.add(job);
  life.ledger.activate(life.world.jobs.at(5));
  life.ledger.end(5, reverted_result(Outcome::succeeded), {});
  BOOST_TEST(life.world.servers.at("qa1").configuration->job == 3);
  const auto lines = lines_of(tree);
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0].event == "reverted");
  BOOST_TEST(lines[0].configuration->job == 3);
}

// Whatever became of the build: the machine went back, and history says so
// once, also when the job is put back and begins again.
BOOST_AUTO_TEST_CASE(a_build_that_reverted_leaves_a_line_of_that) {
  const Tree tree;
  Life life(tree);
  Job job = job_on("qa1", 5, "bob", JobState::queued).job;
  job.arguments["revert"] = "clean";
  life.ledger.add(job);
  life.ledger.activate(life.world.jobs.at(5));
  StepRecord last;
  last.step = "job";
  last.event = "end";
  last.result = reverted_result(Outcome::requeue);
  life.world.jobs.at(5).steps = {last};
  life.ledger.requeue(life.world.jobs.at(5));
  BOOST_TEST(life.world.servers.at("qa1").configuration->job == 3);
  life.ledger.activate(life.world.jobs.at(5));
  life.ledger.end(5, reverted_result(Outcome::failed), {last});
  const auto lines = lines_of(tree);  // newest first
  BOOST_REQUIRE(lines.size() == 2u);
  BOOST_TEST(lines[0].event == "build_failed");
  BOOST_TEST(lines[0].configuration->job == 3);
  BOOST_TEST(lines[1].event == "reverted");
}

BOOST_AUTO_TEST_SUITE_END()
