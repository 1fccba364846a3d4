// SPDX-License-Identifier: GPL-2.0-or-later
// What one user may ask for: so many jobs of a kind waiting, so many changes in
// a minute.
#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(flood)

using namespace berth;
using namespace berth::runner;

namespace {

Receipt answer_to(const World& world, const std::string& user,
                  const std::string& action, const std::string& target,
                  const std::string& arguments, uid_t owner = 33) {
  return berth::runner::decided_and_read(
      world, drop_of(user, action, target, arguments, owner),
      [] { return 900; });
}

void add_waiting(World& world, const std::string& user,
                 JobKind kind, int count, JobState state) {
  for (int i = 0; i < count; ++i) {
    const auto id = static_cast<std::int64_t>(world.jobs.size()) + 1;
    world.jobs[id] = job_on("qa9", id, user, state);
    world.jobs[id].job.kind = kind;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(as_many_builds_wait_as_the_configuration_gives) {
  World world = small_console();
  world.config.most_waiting = 3;
  add_waiting(world, "bob", JobKind::build, 2, JobState::queued);
  BOOST_TEST(answer_to(world, "bob", "build", "qa1", kBuild).status == 201);
  add_waiting(world, "bob", JobKind::build, 1, JobState::queued);
  const Receipt no = answer_to(world, "bob", "build", "qa1", kBuild);
  BOOST_TEST(no.status == 429);
  BOOST_TEST(!no.accepted);
  BOOST_TEST(no.effects.empty());
  BOOST_TEST(!no.job.has_value());
  BOOST_TEST(no.detail.find("bob has 3 queued build jobs") == 0u);
  BOOST_TEST(no.detail.find("most_waiting") != std::string::npos);
  BOOST_TEST(no.extra.at("retry_after").as_int64() > 0);
  // One that runs is none that waits, others' and other kinds do not count.
  world.jobs[1].state = JobState::running;
  BOOST_TEST(answer_to(world, "bob", "build", "qa1", kBuild).status == 201);
  world.jobs[1].state = JobState::queued;
  BOOST_TEST(answer_to(world, "eve", "build", "qa1", kBuild).status == 201);
  BOOST_TEST(answer_to(world, "bob", "reserve", "qa1",
                       R"({"hours":1})").status == 201);
}

BOOST_AUTO_TEST_CASE(every_kind_of_job_has_the_bound) {
  for (const JobKindRow& row : kJobKinds) {
    if (row.only_berthd || row.only_root) continue;
    const char* action = action_of(row);
    World world = small_console();
    add_waiting(world, "carol", row.kind, world.config.most_waiting,
                JobState::queued);
    BOOST_TEST(answer_to(world, "carol", action, "qa1", "{}").status == 429,
               action);
    // Root is who clears up.
    BOOST_TEST(answer_to(world, "carol", action, "qa1", "{}", 0).status != 429,
               action);
  }
}

BOOST_AUTO_TEST_CASE(a_minute_has_so_many_changes_for_each_user) {
  World world = small_console();
  world.config.most_a_minute = 2;
  const std::string hours = R"({"hours":1})";
  world.recent.note("bob", kNow - 50);
  BOOST_TEST(answer_to(world, "bob", "reserve", "qa1", hours).status == 201);
  world.recent.note("bob", kNow - 20);
  const Receipt no = answer_to(world, "bob", "reserve", "qa1", hours);
  BOOST_TEST(no.status == 429);
  BOOST_TEST(no.extra.at("retry_after").as_int64() == 10);
  BOOST_TEST(answer_to(world, "eve", "reserve", "qa1", hours).status == 201);
  world.now = kNow + 10;
  BOOST_TEST(answer_to(world, "bob", "reserve", "qa1", hours).status == 201);
}

// Who has asked for too much must be able to give it back.
BOOST_AUTO_TEST_CASE(releasing_and_cancelling_are_never_too_much) {
  World world = small_console();
  world.config.most_a_minute = 1;
  world.last_number = 30;
  add_waiting(world, "bob", JobKind::build, 25, JobState::queued);
  world.servers["qa1"].hold = hold_of("bob");
  for (int i = 0; i < 5; ++i) world.recent.note("bob", kNow);
  BOOST_TEST(answer_to(world, "bob", "release", "qa1", "{}").status == 204);
  BOOST_TEST(answer_to(world, "bob", "cancel", "1", "{}").status == 200);
  BOOST_TEST(answer_to(world, "bob", "reserve", "qa2",
                       R"({"hours":1})").status == 429);
}

BOOST_AUTO_TEST_CASE(what_is_older_than_a_minute_is_not_kept) {
  Recent recent;
  for (int i = 0; i < 1000; ++i) {
    recent.note("user" + std::to_string(i), kNow + i);
  }
  BOOST_TEST(recent.size() <= 60u);
  // The clock was set back by a day: nobody waits for tomorrow.
  BOOST_TEST(recent.full_for("user999", kNow - 86400, 1) == 0);
  recent.note("bob", kNow - 86400);
  BOOST_TEST(recent.full_for("bob", kNow - 86400, 1) == 60);
}

BOOST_AUTO_TEST_SUITE_END()
