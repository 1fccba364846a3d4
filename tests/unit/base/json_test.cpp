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

BOOST_AUTO_TEST_CASE(a_member_of_another_type_is_as_good_as_not_there) {
  const json::value v = parse_json(
      "{\"s\":\"x\",\"n\":7,\"d\":7.5,\"b\":true,\"a\":[],\"o\":{},"
      "\"null\":null}");
  BOOST_TEST(string_or(v, "s", "-") == "x");
  BOOST_TEST(int64_or(v, "n", -1) == 7);
  BOOST_TEST(bool_or(v, "b", false));
  BOOST_TEST(if_array(v, "a"));
  BOOST_TEST(if_object(v.get_object(), "o"));
  BOOST_TEST(*if_string(v, "s") == "x");
  for (const char* name : {"n", "d", "b", "a", "o", "null", "none"}) {
    BOOST_TEST(string_or(v, name, "-") == "-");
    BOOST_TEST(!if_string(v, name));
  }
  for (const char* name : {"s", "d", "b", "a", "o", "null", "none"}) {
    BOOST_TEST(int64_or(v, name, -1) == -1);
    BOOST_TEST(bool_or(v, name, false) == (name == std::string("b")));
  }
  BOOST_TEST(if_contains(v, "null"));
  const json::value list = json::array{1};
  BOOST_TEST(!if_contains(list, "s"));
  BOOST_TEST(string_or(list, "s", "-") == "-");
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
