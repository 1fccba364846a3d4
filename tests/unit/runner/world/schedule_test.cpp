// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/schedule.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "runner/world/claims.hpp"

BOOST_AUTO_TEST_SUITE(schedule)

using namespace berth::runner;
using Ids = std::vector<std::int64_t>;

namespace {

Queued waits(std::int64_t id, const char* claim) {
  return {id, claim, "bob", 1000};
}

const Waiting* find(const Plan& plan, std::int64_t id) {
  for (const auto& [job, waiting] : plan.waiting) {
    if (job == id) return &waiting;
  }
  return nullptr;
}

}  // namespace

BOOST_AUTO_TEST_CASE(first_come_first_served_per_claim) {
  const Plan plan = berth::runner::schedule(
      {waits(1, "server:qa1"), waits(2, "server:qa1"), waits(3, "server:qa2")},
      {}, Limits{});
  BOOST_TEST(plan.start == (Ids{1, 3}), boost::test_tools::per_element());
  const Waiting* second = find(plan, 2);
  BOOST_REQUIRE(second);
  BOOST_TEST(second->claim == "server:qa1");
  BOOST_TEST(second->holder.value() == 1);
  BOOST_TEST(second->place == 1u);
  BOOST_TEST(second->in_ms.value() == 1000);
}

BOOST_AUTO_TEST_CASE(a_job_that_waits_never_blocks_one_that_needs_no_claim) {
  const Plan plan = berth::runner::schedule(
      {waits(2, "server:qa1"), waits(3, ""), waits(4, "server:qa2")},
      {{1, "server:qa1", "eve", 5000}}, Limits{});
  BOOST_TEST(plan.start == (Ids{3, 4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(places_and_times_add_up_behind_the_holder) {
  const Plan plan = berth::runner::schedule(
      {waits(2, "server:qa1"), waits(3, "server:qa1"), waits(4, "server:qa1")},
      {{1, "server:qa1", "eve", 5000}}, Limits{});
  BOOST_TEST(plan.start.empty());
  const Waiting* last = find(plan, 4);
  BOOST_REQUIRE(last);
  BOOST_TEST(last->holder.value() == 1);
  BOOST_TEST(last->holder_user == "eve");
  BOOST_TEST(last->place == 3u);
  BOOST_TEST(last->in_ms.value() == 7000);
}

BOOST_AUTO_TEST_CASE(an_unknown_duration_is_not_guessed) {
  const Plan plan = berth::runner::schedule(
      {waits(2, "server:qa1"), waits(3, "server:qa1")},
      {{1, "server:qa1", "eve", std::nullopt}}, Limits{});
  BOOST_TEST(!find(plan, 2)->in_ms.has_value());
  BOOST_TEST(!find(plan, 3)->in_ms.has_value());
}

BOOST_AUTO_TEST_CASE(the_limit_of_workers_keeps_the_order_of_a_server) {
  const Plan plan = berth::runner::schedule(
      {waits(2, "server:qa2"), waits(3, "server:qa2"), waits(4, "server:qa3")},
      {{1, "server:qa1", "eve", 5000}}, Limits{1});
  BOOST_TEST(plan.start.empty());
  BOOST_TEST(find(plan, 2)->claim == "workers");
  BOOST_TEST(find(plan, 3)->claim == "server:qa2");
  BOOST_TEST(find(plan, 3)->holder.value() == 2);
  BOOST_TEST(find(plan, 4)->place == 2u);
}

BOOST_AUTO_TEST_CASE(people_go_before_what_is_in_the_background) {
  Queued refresh = waits(1, "application:shop");
  refresh.background = true;
  Queued spare = waits(2, "spare:db1");
  spare.background = true;
  Plan plan = berth::runner::schedule(
      {refresh, spare, waits(3, "server:qa1")}, {}, Limits{});
  BOOST_TEST(plan.start == (Ids{3, 1, 2}), boost::test_tools::per_element());
  // A job that waits for a worker is the last that one is kept from.
  plan = berth::runner::schedule(
      {refresh, spare, waits(3, "server:qa1"), waits(4, "server:qa2")}, {},
      Limits{1});
  BOOST_TEST(plan.start == (Ids{3}), boost::test_tools::per_element());
  BOOST_TEST(find(plan, 4)->place == 1u);
  BOOST_TEST(find(plan, 1)->claim == "workers");
  BOOST_TEST(find(plan, 1)->place == 2u);
  // One that waits for its server needs none.
  plan = berth::runner::schedule(
      {refresh, waits(3, "server:qa1"), waits(4, "server:qa1")}, {},
      Limits{2});
  BOOST_TEST(plan.start == (Ids{3, 1}), boost::test_tools::per_element());
  // And within one claim a person's later job goes first.
  plan = berth::runner::schedule({refresh, waits(3, "application:shop")}, {},
                                 Limits{});
  BOOST_TEST(plan.start == (Ids{3}), boost::test_tools::per_element());
  BOOST_TEST(find(plan, 1)->holder.value() == 3);
}

BOOST_AUTO_TEST_CASE(who_is_held_back_says_for_whom_and_takes_nothing) {
  Queued spare = waits(1, "spare:db1");
  spare.background = true;
  Waiting build;
  build.claim = "copies:db1";
  build.holder = 7;
  build.holder_user = "bob";
  spare.held_back = build;
  Queued next = waits(2, "spare:db1");
  next.background = true;
  const Plan plan = berth::runner::schedule({spare, next}, {}, Limits{});
  BOOST_TEST(plan.start == (Ids{2}), boost::test_tools::per_element());
  BOOST_TEST((*find(plan, 1) == build));
}

BOOST_AUTO_TEST_CASE(ten_thousand_jobs_are_planned) {
  std::vector<Queued> queue;
  for (std::int64_t id = 1; id <= 10'000; ++id) {
    queue.push_back({id, "server:qa" + std::to_string(id % 500), "bob", 1000,
                     id % 500 == 0});
  }
  std::vector<double> times;
  for (int run = 0; run < 9; ++run) {
    const auto from = std::chrono::steady_clock::now();
    const Plan plan = berth::runner::schedule(queue, {}, Limits{600});
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - from;
    times.push_back(took.count());
    BOOST_TEST(plan.start.size() == 500u);
    BOOST_TEST(plan.waiting.size() == 9'500u);
  }
  std::sort(times.begin(), times.end());
  BOOST_TEST_MESSAGE("schedule: 10,000 queued jobs in "
                     << times[times.size() / 2] << " ms (median of 9)");
}

BOOST_AUTO_TEST_CASE(copies_are_counted_and_handed_on_in_order) {
  Claims claims;
  BOOST_TEST(claims.ask(1, "copies:db1", 2));
  BOOST_TEST(claims.ask(2, "copies:db1", 2));
  BOOST_TEST(!claims.ask(3, "copies:db1", 2));
  BOOST_TEST(!claims.ask(4, "copies:db1", 2));
  BOOST_TEST(claims.ask(4, "copies:db2", 1));
  BOOST_TEST(claims.ask(1, "copies:db1", 2));  // it has it already
  BOOST_TEST(claims.waiting(4)->place == 2u);
  BOOST_TEST(claims.waiting(4)->holder.value() == 1);
  const Ids next = claims.give(2, "copies:db1", 2);
  BOOST_TEST(next == (Ids{3}), boost::test_tools::per_element());
  BOOST_TEST(!claims.waiting(3).has_value());
  // One that dies while it waits leaves the line.
  BOOST_TEST(claims.give(4, "copies:db1", 2).empty());
  BOOST_TEST(claims.of(4).size() == 1u);
}

BOOST_AUTO_TEST_CASE(giving_what_one_never_had_changes_nothing) {
  Claims claims;
  BOOST_TEST(claims.ask(1, "copies:db1", 1));
  BOOST_TEST(!claims.ask(2, "copies:db1", 1));
  BOOST_TEST(claims.give(3, "copies:db1", 1).empty());
  BOOST_TEST(claims.give(3, "copies:nowhere", 1).empty());
  BOOST_TEST(claims.waiting(2)->holder.value() == 1);
}

BOOST_AUTO_TEST_CASE(a_copy_in_the_background_makes_way_for_a_build) {
  Claims claims;
  BOOST_TEST(claims.ask(1, "copies:db1", 1, true));
  BOOST_TEST(claims.in_the_way("copies:db1").empty());
  BOOST_TEST(!claims.ask(2, "copies:db1", 1, true));
  BOOST_TEST(claims.in_the_way("copies:db1").empty());  // no person waits
  BOOST_TEST(!claims.ask(3, "copies:db1", 1));
  const Ids way = claims.in_the_way("copies:db1");
  BOOST_TEST(way == (Ids{1}), boost::test_tools::per_element());
  // People stand before the background, in their own order.
  BOOST_TEST(!claims.ask(4, "copies:db1", 1));
  BOOST_TEST(claims.waiting(3)->place == 1u);
  BOOST_TEST(claims.waiting(4)->place == 2u);
  BOOST_TEST(claims.waiting(2)->place == 3u);
  const Ids next = claims.give(1, "copies:db1", 1);
  BOOST_TEST(next == (Ids{3}), boost::test_tools::per_element());
  BOOST_TEST(claims.in_the_way("copies:db1").empty());  // a build copies now
}

BOOST_AUTO_TEST_CASE(only_as_many_make_way_as_wait) {
  Claims claims;
  for (const std::int64_t id : {1, 2, 3}) {
    BOOST_TEST(claims.ask(id, "copies:db1", 3, id != 2));
  }
  BOOST_TEST(!claims.ask(4, "copies:db1", 3));
  const Ids way = claims.in_the_way("copies:db1");
  BOOST_TEST(way == (Ids{3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
