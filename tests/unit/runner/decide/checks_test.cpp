// SPDX-License-Identifier: GPL-2.0-or-later
// Which server is looked at next, and when none is.
#include "runner/decide/checks.hpp"

#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(checks)

using namespace berth;
using namespace berth::runner;

namespace {

// qa1 to qa3 carry a build of 30, 40 and 1 hours ago.
World console() {
  World world = small_console();
  std::int64_t job = 0;
  for (const auto& [name, hours] :
       {std::pair{"qa1", 30}, {"qa2", 40}, {"qa3", 1}}) {
    Configuration on;
    on.application = "shop";
    on.job = ++job;
    on.built_at = kNow - hours * 3600;
    world.servers[name].configuration = on;
  }
  return world;
}

std::string next(const World& world) {
  return check_to_make(world).value_or("none");
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_one_that_waited_longest_comes_first_once_a_day) {
  World world = console();
  BOOST_TEST(next(world) == "qa2");
  Check check;
  check.build = 2;
  check.at = kNow - 60;
  world.servers["qa2"].check = check;
  BOOST_TEST(next(world) == "qa1");
  world.servers["qa1"].next_check = kNow + 1;  // it failed
  BOOST_TEST(next(world) == "none");
  // A check of what the server no longer carries counts for nothing.
  world.servers["qa2"].check->build = 1;
  BOOST_TEST(next(world) == "qa2");
  BOOST_TEST(check_of(world.servers["qa2"]) == nullptr);
}

BOOST_AUTO_TEST_CASE(nothing_is_checked_while_anybody_waits_for_anything) {
  World world = console();
  world.jobs[9] = job_on("qa3", 9, "eve", JobState::queued);
  BOOST_TEST(next(world) == "none");
  world.jobs.clear();
  world.draining = true;
  BOOST_TEST(next(world) == "none");
}

BOOST_AUTO_TEST_CASE(only_servers_that_can_answer_are_checked) {
  World world = console();
  world.servers["qa2"].state = "shut off";
  BOOST_TEST(next(world) == "qa1");
  world.servers["qa1"].fresh = false;
  BOOST_TEST(next(world) == "none");
  world = console();
  world.config.applications.erase("shop");
  BOOST_TEST(next(world) == "none");
}

BOOST_AUTO_TEST_SUITE_END()
