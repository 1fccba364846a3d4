// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/job.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

namespace {
std::string told(const json::object& arguments) {
  const json::value value(arguments);
  try {
    arguments_from<BuildArguments>(value);
    return "";
  } catch (const JsonError& e) {
    return e.what();
  }
}
const json::object kGood = {{"application", "shop"},
                            {"path", "trunk"},
                            {"database", "newest"}};
json::object with(const char* name, const json::value& value) {
  json::object out = kGood;
  out[name] = value;
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(job)

BOOST_AUTO_TEST_CASE(a_build_is_checked_member_by_member) {
  BOOST_TEST(told(kGood) == "");
  BOOST_TEST(told(with("revision", "12")) == "");
  BOOST_TEST(told(with("revision", nullptr)) == "");
  BOOST_TEST(told(with("path", "../etc")).starts_with("path: leaves"));
  BOOST_TEST(told(with("path", "-r")).starts_with("path: must not start with '-'"));
  BOOST_TEST(told(with("path", "a\nb")).starts_with("path: has control"));
  BOOST_TEST(told(with("revision", json::string(std::string(65, '1')))) != "");
  BOOST_TEST(told(with("revision", "1\n2")).starts_with("revision: "));
  BOOST_TEST(told(with("database", "postgres")) != "");
  BOOST_TEST(told(with("application", "Shop")) != "");
  BOOST_TEST(told(with("release", "sometimes")) != "");
  BOOST_TEST(told(with("note", json::string(std::string(501, 'x')))) != "");
  BOOST_TEST(told(with("shell", "x")) == "arguments: unknown member 'shell'");
  BOOST_TEST(told(with("checkout", "yes")) ==
             "arguments: 'checkout' must be true or false");
}

BOOST_AUTO_TEST_CASE(a_build_of_nothing_is_refused) {
  BOOST_TEST(told({{"application", "shop"}, {"checkout", false}})
                 .starts_with("nothing to do"));
  BOOST_TEST(told({{"application", "shop"},
                   {"checkout", false},
                   {"database", "newest"}}) == "");
}

BOOST_AUTO_TEST_CASE(a_database_alone_needs_no_path_and_no_checkout) {
  const auto checkout = [](json::object build) {
    build["application"] = "shop";
    return arguments_from<BuildArguments>(build).checkout;
  };
  BOOST_TEST(!checkout({{"database", "newest"}}));
  BOOST_TEST(!checkout({{"database", "newest"}, {"path", ""}}));
  BOOST_TEST(checkout({{"database", "newest"}, {"path", "trunk"}}));
  BOOST_TEST(checkout({{"path", "trunk"}}));
  const auto missing = [](json::object build) {
    build["application"] = "shop";
    return told(build).starts_with("path: is missing; give the path to");
  };
  BOOST_TEST(missing({}));
  BOOST_TEST(missing({{"database", "none"}}));
  BOOST_TEST(missing({{"database", "newest"}, {"checkout", true}}));
  BOOST_TEST(missing({{"database", "newest"}, {"revision", "34"}}));
}

BOOST_AUTO_TEST_CASE(the_servers_that_a_job_has_tried_are_a_list_of_texts) {
  Job job;
  job.id = 1;
  job.any_server = true;
  job.tried = {"qa1", "qa2"};
  json::value written = to_json(job);
  BOOST_TEST(job_from_json(written).tried == job.tried,
             boost::test_tools::per_element());
  for (const char* other : {"5", "\"qa1\"", "[5]", "[\"qa1\",null]", "{}"}) {
    written.as_object()["any_server_but"] = parse_json(other);
    BOOST_CHECK_THROW(job_from_json(written), JsonError);
  }
}

BOOST_AUTO_TEST_CASE(a_job_file_comes_back_as_it_was) {
  Job j;
  j.id = 12;
  j.kind = JobKind::build;
  j.server = "qa1";
  j.application = "shop";
  j.user = "alice";
  j.created_at = 1795375623;
  j.arguments = kGood;
  j.cancel = CancelRequest{"bob", 1795375700};
  j.started = StartedBy{4711, 99, 1795375650};
  BOOST_CHECK(to_json(job_from_json(to_json(j))) == to_json(j));
  BOOST_TEST(steps_of(JobKind::build).size() == 9u);
  BOOST_TEST(j.text("path") == "trunk");
  BOOST_TEST(j.text("nothing") == "");
  BOOST_TEST(!j.flag("path"));
}

BOOST_AUTO_TEST_SUITE_END()
