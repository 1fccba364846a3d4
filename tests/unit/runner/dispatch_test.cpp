// SPDX-License-Identifier: GPL-2.0-or-later
// What jobs of each kind claim and wait for, from the world to the plan.
#include "runner/dispatch.hpp"

#include <boost/test/unit_test.hpp>

#include "runner/decide/spares.hpp"
#include "runner/tree.hpp"
#include "runner/world/job_claim.hpp"

BOOST_AUTO_TEST_SUITE(dispatch)

using namespace berth;
using namespace berth::runner;

namespace {

Job queued(Life& life, JobKind kind, const std::string& server,
           const json::object& arguments) {
  Job job;
  job.id = life.ledger.next_number();
  job.kind = kind;
  job.server = server;
  job.application = "shop";
  job.user = "bob";
  job.created_at = kNow;
  job.arguments = arguments;
  life.ledger.add(job);
  return job;
}

JobState state_of(const Life& life, const Job& job) {
  return life.world.jobs.at(job.id).state;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_kind_claims_what_it_must_have_alone) {
  const Config config = small_console().config;
  Job job;
  job.application = "shop";
  for (const JobKind kind : {JobKind::refresh, JobKind::publish}) {
    job.kind = kind;
    BOOST_TEST(claim_of(config, job) == "application:shop");
  }
  job.kind = JobKind::spare;
  BOOST_TEST(claim_of(config, job) == "spare:db1");
  for (const JobKind kind : {JobKind::build, JobKind::undo, JobKind::keep,
                             JobKind::adopt}) {
    job.kind = kind;
    job.server = "qa1";
    BOOST_TEST(claim_of(config, job) == "server:qa1");
  }
  job.kind = JobKind::preview;
  job.user = "bob";
  BOOST_TEST(claim_of(config, job) == "preview:bob");
  job.kind = JobKind::check;
  BOOST_TEST(claim_of(config, job) == "check:qa1");
  BOOST_TEST(!in_background(job));
  job.user = "berth";
  BOOST_TEST(in_background(job));
  job.kind = JobKind::drop;
  job.server = job.application = "";
  BOOST_TEST(claim_of(config, job) == "");
}

BOOST_AUTO_TEST_CASE(a_spare_waits_while_somebodys_database_is_made) {
  const Tree tree;
  Life life(tree);
  const Job spare = spare_job(life.world, {"shop", "20261122024100"},
                              life.ledger.next_number());
  life.ledger.add(spare);
  const Job build =
      queued(life, JobKind::build, "qa1", {{"database", "newest"}});
  berth::runner::dispatch(life.world, life.ledger, true);
  BOOST_TEST((state_of(life, build) == JobState::running));
  BOOST_TEST((state_of(life, spare) == JobState::queued));
  const auto& waits = life.world.jobs.at(spare.id).waits;
  BOOST_REQUIRE(waits.has_value());
  BOOST_TEST(waits->claim == "copies:db1");
  BOOST_TEST(waits->holder.value() == build.id);
  BOOST_TEST(waits->holder_user == "bob");
  life.ledger.end(build.id, result_of(Outcome::failed), {});
  berth::runner::dispatch(life.world, life.ledger, true);
  BOOST_TEST((state_of(life, spare) == JobState::running));
}

BOOST_AUTO_TEST_CASE(a_refresh_waits_for_a_publish_and_for_nobody_else) {
  const Tree tree;
  Life life(tree);
  const Job refresh = queued(life, JobKind::refresh, "", {{"again", false}});
  const Job build =
      queued(life, JobKind::build, "qa1", {{"database", "newest"}});
  const Job publish =
      queued(life, JobKind::publish, "", {{"database", "d"}});
  berth::runner::dispatch(life.world, life.ledger, true);
  BOOST_TEST((state_of(life, build) == JobState::running));
  BOOST_TEST((state_of(life, publish) == JobState::running));
  BOOST_TEST((state_of(life, refresh) == JobState::queued));
  BOOST_TEST(life.world.jobs.at(refresh.id).waits->holder.value() ==
             publish.id);
  life.ledger.end(publish.id, result_of(Outcome::failed), {});
  berth::runner::dispatch(life.world, life.ledger, true);
  BOOST_TEST((state_of(life, refresh) == JobState::running));
}

BOOST_AUTO_TEST_SUITE_END()
