// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

namespace {
std::string told(std::string_view text) {
  try {
    parse_json(text);
    return "";
  } catch (const JsonError& e) {
    return e.what();
  }
}
}  // namespace

BOOST_AUTO_TEST_SUITE(json_reading)

BOOST_AUTO_TEST_CASE(bad_json_is_told_with_its_offset) {
  try {
    parse_json("{\"a\": tru}");
    BOOST_FAIL("accepted");
  } catch (const JsonError& e) {
    BOOST_TEST(e.offset().has_value());
    BOOST_TEST(*e.offset() >= 6u);
  }
}

BOOST_AUTO_TEST_CASE(every_prefix_of_a_document_is_refused) {
  const std::string whole = "{\"a\":[1,2.5,null,\"x\\u00e4\"],\"b\":{}}";
  BOOST_TEST(told(whole) == "");
  for (std::size_t n = 0; n < whole.size(); ++n) {
    BOOST_TEST(told(whole.substr(0, n)) != "", "prefix of " << n);
  }
}

BOOST_AUTO_TEST_CASE(hostile_documents_are_refused) {
  BOOST_TEST(told("{} x") != "");
  BOOST_TEST(told("{\"a\":1,\"a\":2}") == "a member is given twice");
  BOOST_TEST(told("{\"a\":1e400}") != "");
  BOOST_TEST(told("{\"a\":\"\xff\"}") != "");
  BOOST_TEST(told(std::string(100, '[') + std::string(100, ']')) != "");
  BOOST_TEST(told("{\"a:b\":{\"c\":\"d:\\\":e\"}}") == "");
}

BOOST_AUTO_TEST_CASE(members_are_told_by_name) {
  const json::value v = parse_json("{\"user\":1,\"more\":true}");
  ObjectReader in(v, "drop");
  BOOST_CHECK_EXCEPTION(in.string("user"), JsonError, [](const auto& e) {
    return std::string(e.what()) == "drop: 'user' must be a string";
  });
  BOOST_CHECK_EXCEPTION(in.string("gone"), JsonError, [](const auto& e) {
    return e.member() == "gone";
  });
  BOOST_CHECK_EXCEPTION(in.finish(), JsonError, [](const auto& e) {
    return std::string(e.what()) == "drop: unknown member 'more'";
  });
}

BOOST_AUTO_TEST_SUITE_END()
