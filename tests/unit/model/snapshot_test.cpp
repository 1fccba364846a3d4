// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/snapshot.hpp"

#include <boost/test/unit_test.hpp>

#include "base/name.hpp"
#include "model/job.hpp"

using namespace berth;

BOOST_AUTO_TEST_SUITE(snapshot)

BOOST_AUTO_TEST_CASE(names_are_those_that_fit_a_path_and_a_host) {
  for (const char* good : {"a", "A1", "before-2.0_x", "1700000000"}) {
    BOOST_TEST(!refuse_snapshot(good));
  }
  for (const char* bad : {"", ".a", "-a", "a/b", "a b", "..", "\xc3\xa4"}) {
    BOOST_TEST(refuse_snapshot(bad).has_value());
  }
  BOOST_TEST(!refuse_snapshot(std::string(63, 'a')));
  BOOST_TEST(refuse_snapshot(std::string(64, 'a')).has_value());
}

BOOST_AUTO_TEST_CASE(a_result_tells_what_was_reverted) {
  JobResult result;
  result.outcome = Outcome::failed;
  result.detail = "x";
  result.reverted = Reverted{"clean", nullptr, "reverted to clean"};
  const json::value told = to_json(result);
  const JobResult read = job_result_from_json(told);
  BOOST_REQUIRE(read.reverted.has_value());
  BOOST_TEST(read.reverted->snapshot == "clean");
  BOOST_TEST(read.reverted->configuration.is_null());
  BOOST_TEST((to_json(read) == told));
}

BOOST_AUTO_TEST_SUITE_END()
