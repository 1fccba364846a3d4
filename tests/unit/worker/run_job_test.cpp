// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/run_job.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

BOOST_AUTO_TEST_SUITE(run_job)

using namespace berth;
using namespace berth::worker;

BOOST_AUTO_TEST_CASE(every_kind_has_a_function_of_its_own) {
  std::set<Work> seen;
  for (const JobKindRow& row : kJobKinds) {
    const Work work = work_of(row.kind);
    BOOST_REQUIRE_MESSAGE(work != nullptr, row.name);
    BOOST_TEST(seen.insert(work).second, row.name);
  }
  BOOST_TEST((work_of(JobKind::unknown) == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
