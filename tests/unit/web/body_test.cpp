// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/body.hpp"

#include <boost/test/unit_test.hpp>

#include "cgi.hpp"

using namespace berth;
using namespace berth::web;

namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kJson = "application/json";

json::object fields(const char* type, const std::string& body) {
  return read_body(post("/", type, body).request(),
                   {{"hours", FieldType::number},
                    {"note", FieldType::text},
                    {"revision", FieldType::text},
                    {"checkout", FieldType::boolean}});
}

// Status and member of what is refused.
std::pair<int, std::string> refused_body(const char* type,
                                         const std::string& body) {
  try {
    fields(type, body);
  } catch (const Problem& problem) {
    const json::value* member = problem.extra().if_contains("member");
    return {problem.status(),
            member ? std::string(member->as_string()) : ""};
  }
  return {200, ""};
}

using Refused = std::pair<int, std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(body)

BOOST_AUTO_TEST_CASE(where_nothing_has_to_be_said_nothing_is_an_empty_object) {
  const auto read = [](const char* type, const std::string& text) {
    return read_optional_body(post("/", type, text).request(),
                              {{"again", FieldType::boolean}});
  };
  // Whatever type it claims to be.
  for (const char* type : {kJson, kForm, "", "text/plain"}) {
    BOOST_TEST(read(type, "").empty());
  }
  BOOST_TEST(read(kForm, "again=yes").at("again").as_bool());
  // What is said is looked at as ever.
  BOOST_CHECK_THROW(read("text/plain", "again=yes"), Problem);
  BOOST_CHECK_THROW(read(kJson, " "), Problem);
  try {
    read_optional_body(post("/", kForm, "x=1").request(), {});
    BOOST_FAIL("taken");
  } catch (const Problem& problem) {
    BOOST_TEST(std::string(problem.what()) ==
               "unknown member 'x'; this request has no members");
  }
}

BOOST_AUTO_TEST_CASE(a_form_and_its_json_are_the_same_object) {
  const auto from_json = fields(
      kJson, R"({"hours":2,"note":"x y","checkout":true,"revision":"42"})");
  const auto from_form =
      fields(kForm, "hours=2&note=x+y&checkout=yes&revision=42");
  BOOST_TEST(json::serialize(from_json.at("hours")) ==
             json::serialize(from_form.at("hours")));
  for (const auto& [name, value] : from_json) {
    BOOST_CHECK(from_form.at(name) == value);
  }
}

BOOST_AUTO_TEST_CASE(null_is_the_same_as_left_out) {
  BOOST_TEST(fields(kJson, R"({"hours":null})").empty());
}

BOOST_AUTO_TEST_CASE(a_revision_may_be_a_number) {
  BOOST_TEST(fields(kJson, R"({"revision":42})").at("revision").as_string() ==
             "42");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  BOOST_CHECK(refused_body(kJson, R"({"x":1})") == Refused(400, "x"));
  BOOST_CHECK(refused_body(kForm, "x=1") == Refused(400, "x"));
  BOOST_CHECK(refused_body(kJson, R"({"hours":"1"})") == Refused(400, "hours"));
  BOOST_CHECK(refused_body(kJson, R"({"note":1})") == Refused(400, "note"));
  BOOST_CHECK(refused_body(kJson, R"({"checkout":1})") ==
              Refused(400, "checkout"));
  BOOST_CHECK(refused_body(kForm, "checkout=maybe") ==
              Refused(400, "checkout"));
  for (const char* hours : {"x", "1h", "nan", "inf", "1e999", "", "0x10"}) {
    BOOST_CHECK(refused_body(kForm, std::string("hours=") + hours) ==
                Refused(400, "hours"));
  }
}

BOOST_AUTO_TEST_CASE(other_media_types_are_415_and_nothing_is_400) {
  BOOST_TEST(refused_body("text/plain", "hours=1").first == 415);
  BOOST_TEST(refused_body("", "hours=1").first == 415);
  BOOST_TEST(refused_body(kJson, "").first == 400);
  BOOST_TEST(refused_body(kForm, "").first == 400);
}

BOOST_AUTO_TEST_CASE(bad_json_carries_its_offset) {
  try {
    fields(kJson, R"({"hours":1,})");
    BOOST_FAIL("accepted");
  } catch (const Problem& problem) {
    BOOST_TEST(problem.extra().at("offset").to_number<int>() == 11);
  }
}

BOOST_AUTO_TEST_CASE(line_breaks_are_kept_whoever_writes_them) {
  for (const char* form : {"note=a%0D%0Ab%0D%0A%0D%0Ac", "note=a%0Ab%0A%0Ac"}) {
    BOOST_TEST(fields(kForm, form).at("note").as_string() == "a\nb\n\nc");
  }
  for (const char* text :
       {R"({"note":"a\r\nb\r\n\r\nc"})", R"({"note":"a\nb\n\nc"})"}) {
    BOOST_TEST(fields(kJson, text).at("note").as_string() == "a\nb\n\nc");
  }
  // What follows no carriage return is not made one.
  BOOST_TEST(fields(kForm, "note=a%0Db").at("note").as_string() == "a\rb");
}

BOOST_AUTO_TEST_CASE(a_known_member_of_hostile_depth_or_size_is_400) {
  BOOST_TEST(refused_body(kJson, std::string(5000, '[')).first == 400);
  BOOST_TEST(refused_body(kJson, R"({"hours":1e400})").first == 400);
  BOOST_TEST(refused_body(kJson, R"({"hours":1,"hours":2})").first == 400);
}

BOOST_AUTO_TEST_SUITE_END()
