// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/job_kind.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "model/job.hpp"

using namespace berth;

BOOST_AUTO_TEST_SUITE(job_kind)

BOOST_AUTO_TEST_CASE(every_kind_comes_back_from_its_name) {
  std::set<std::string> names;
  for (const JobKindRow& row : kJobKinds) {
    BOOST_TEST((job_kind_from_text(row.name) == row.kind), row.name);
    BOOST_TEST(&row_of(row.kind) == &row);
    names.insert(row.name);
  }
  BOOST_TEST(names.size() == std::size(kJobKinds));
}

// What a row leaves out would be seen in a history and not before.
BOOST_AUTO_TEST_CASE(every_kind_has_steps_and_events) {
  for (const JobKindRow& row : kJobKinds) {
    BOOST_TEST(!steps_of(row.kind).empty(), row.name);
    for (const char* event : {row.events.succeeded, row.events.failed,
                              row.events.cancelled}) {
      BOOST_TEST(*event != '\0', row.name);
    }
    BOOST_TEST((row.confirmed_by == nullptr) == (row.asked == nullptr),
               row.name);
    for (const ActionEvent& done : row.actions) {
      BOOST_TEST((done.action == nullptr) == (done.event == nullptr),
                 row.name);
    }
  }
  BOOST_TEST(steps_of(JobKind::build).size() == 9u);
  BOOST_TEST(steps_of(JobKind::unknown).empty());
}

BOOST_AUTO_TEST_CASE(an_action_is_the_kinds_name_but_for_a_drop) {
  BOOST_TEST((row_of_action("build")->kind == JobKind::build));
  BOOST_TEST((row_of_action("drop_database")->kind == JobKind::drop));
  for (const char* none : {"drop", "spare", "reserve", "cancel", ""}) {
    BOOST_TEST(row_of_action(none) == nullptr, none);
  }
}

// After a downgrade the queue has jobs of the newer version. Their files stay
// as they are, and each job ends in the words of its worker.
BOOST_AUTO_TEST_CASE(a_kind_of_a_newer_version_keeps_its_name) {
  Job job;
  job.id = 12;
  job.kind = JobKind::check;
  json::value written = to_json(job);
  written.as_object()["kind"] = "of-tomorrow";
  const Job read = job_from_json(written);
  BOOST_TEST((read.kind == JobKind::unknown));
  BOOST_TEST(read.kind_text() == "of-tomorrow");
  BOOST_TEST(steps_of(read).empty());
  BOOST_CHECK(to_json(read) == written);
  BOOST_TEST(!only_looks(read.kind));
  BOOST_TEST(row_of(read.kind).has_line);
}

BOOST_AUTO_TEST_SUITE_END()
