// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/outcome.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "model/job.hpp"

using namespace berth;

BOOST_AUTO_TEST_SUITE(outcome)

BOOST_AUTO_TEST_CASE(an_outcome_comes_back_from_its_text) {
  std::string texts;
  for (const Outcome one : {Outcome::succeeded, Outcome::failed,
                            Outcome::cancelled, Outcome::requeue}) {
    texts += std::string(to_text(one)) + " ";
    BOOST_TEST((outcome_from_text(to_text(one)) == one), to_text(one));
  }
  BOOST_TEST(texts == "succeeded failed cancelled requeue ");
  BOOST_TEST(!outcome_from_text("").has_value());
  BOOST_TEST(!outcome_from_text("Failed").has_value());
}

BOOST_AUTO_TEST_CASE(a_state_is_that_of_a_job_at_work_or_its_end) {
  for (const char* state : {"succeeded", "failed", "cancelled"}) {
    BOOST_TEST(is_end(state), state);
    BOOST_TEST(is_job_state(state), state);
  }
  std::string live;
  for (const JobState one : {JobState::queued, JobState::running,
                             JobState::unsettled}) {
    live += std::string(to_text(one)) + " ";
    BOOST_TEST(!is_end(to_text(one)));
    BOOST_TEST(is_job_state(to_text(one)));
  }
  BOOST_TEST(live == "queued running unsettled ");
  // One that is put back has not ended, and is shown as queued.
  for (const char* none : {"requeue", "", "waiting"}) {
    BOOST_TEST(!is_end(none), none);
    BOOST_TEST(!is_job_state(none), none);
  }
}

BOOST_AUTO_TEST_CASE(a_result_that_no_version_wrote_is_no_success) {
  JobResult result;
  result.outcome = Outcome::succeeded;
  json::value written = to_json(result);
  BOOST_TEST((job_result_from_json(written).outcome == Outcome::succeeded));
  written.as_object()["outcome"] = "perhaps";
  BOOST_TEST((job_result_from_json(written).outcome == Outcome::failed));
}

BOOST_AUTO_TEST_SUITE_END()
