// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/expiry.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(expiry)

using namespace berth::runner;

namespace {

constexpr berth::Instant kWall = 1'800'000'000;
// The machine runs for a day.
constexpr std::int64_t kBoot = 86'400'000;

Readings at(std::int64_t seconds) {
  return {kWall + seconds, kBoot + seconds * 1000, kBoot + seconds * 1000};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_hold_ends_when_it_says) {
  Expiry expiry(at(0));
  BOOST_TEST(!expiry.look(at(59)));
  BOOST_TEST(!expiry.due(kWall + 60));
  BOOST_TEST(!expiry.look(at(60)));
  BOOST_TEST(expiry.due(kWall + 60));
}

BOOST_AUTO_TEST_CASE(a_clock_set_forward_gives_ten_minutes_of_grace) {
  Expiry expiry(at(0));
  Readings set = at(1);
  set.wall += 3600;
  BOOST_TEST(expiry.look(set));
  BOOST_TEST(!expiry.due(kWall + 1800));  // fell due within the jump
  BOOST_TEST(expiry.due(kWall - 10));     // was due before it
  set.wall += 599;
  set.boot_ms += 599'000;
  set.monotonic_ms += 599'000;
  BOOST_TEST(!expiry.look(set));
  BOOST_TEST(!expiry.due(kWall + 1800));
  set.wall += 1;
  set.boot_ms += 1000;
  set.monotonic_ms += 1000;
  expiry.look(set);
  BOOST_TEST(expiry.due(kWall + 1800));
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_ends_nothing_early) {
  Expiry expiry(at(0));
  Readings set = at(1);
  set.wall -= 3600;
  BOOST_TEST(expiry.look(set));
  BOOST_TEST(!expiry.due(kWall + 1));
  BOOST_TEST(!expiry.due(kWall - 1800));
}

BOOST_AUTO_TEST_CASE(a_machine_that_slept_gives_grace) {
  Expiry expiry(at(0));
  Readings awake = at(7200);
  awake.monotonic_ms = kBoot + 1000;  // it does not count sleep
  BOOST_TEST(expiry.look(awake));
  BOOST_TEST(!expiry.due(kWall + 3600));
}

BOOST_AUTO_TEST_CASE(a_hold_that_fell_due_while_the_machine_was_down) {
  // Up for two minutes; the hold ended an hour ago.
  const Readings start{kWall, 120'000, 120'000};
  Expiry expiry(start);
  BOOST_TEST(!expiry.due(kWall - 3600));
  BOOST_TEST(expiry.end_of(kWall - 3600) == kWall - 120 + kGrace);
  // A restart of berthd alone gives no second grace.
  Expiry later({kWall + 600, 720'000, 720'000});
  BOOST_TEST(later.due(kWall - 3600));
}

BOOST_AUTO_TEST_CASE(a_slow_turn_is_no_jump) {
  Expiry expiry(at(0));
  BOOST_TEST(!expiry.look(at(600)));
  BOOST_TEST(expiry.due(kWall + 599));
}

BOOST_AUTO_TEST_SUITE_END()
