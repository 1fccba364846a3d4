// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/actions.hpp"

#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(actions)

using namespace berth;
using namespace berth::runner;

BOOST_AUTO_TEST_CASE(every_kind_that_somebody_can_ask_for_has_an_action) {
  for (const JobKindRow& row : kJobKinds) {
    const Action& action = find_action(action_of(row));
    if (row.only_berthd) {
      BOOST_TEST(action.name == "", row.name);
      continue;
    }
    BOOST_TEST(action.name == action_of(row));
    BOOST_TEST(action.only_root == row.only_root, row.name);
    BOOST_TEST(action.ages == row.ages, row.name);
    BOOST_TEST(action.adds_work, row.name);
  }
}

// What cannot be taken back is root's, also where a job's kind has another
// name than the action.
BOOST_AUTO_TEST_CASE(what_destroys_or_takes_over_is_roots) {
  std::string roots;
  for (const char* action :
       {"adopt", "build", "cancel", "drain", "drop", "drop_database",
        "publish", "refresh", "release", "retire", "undo", "explode"}) {
    if (is_roots(action)) roots += std::string(action) + " ";
  }
  BOOST_TEST(roots == "adopt drain drop_database publish retire ");
}

BOOST_AUTO_TEST_CASE(only_giving_up_has_no_bound) {
  std::string given_up;
  for (const char* action : {"build", "cancel", "drain", "power", "release",
                             "reserve", "explode"}) {
    if (!find_action(action).adds_work) given_up += std::string(action) + " ";
  }
  BOOST_TEST(given_up == "cancel drain release ");
}

BOOST_AUTO_TEST_SUITE_END()
