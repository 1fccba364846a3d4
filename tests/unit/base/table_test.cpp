// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/table.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(columns_are_aligned_by_characters) {
  const json::value rows =
      json::parse(R"([{"a":"\u00e4\u00f6","b":"x"},{"a":"abc","b":"y"}])");
  BOOST_TEST(table(rows.as_array(), {{"A", "/a"}, {"B", "/b"}}) ==
             "A    B\n\xc3\xa4\xc3\xb6   x\nabc  y\n");
}

BOOST_AUTO_TEST_CASE(a_cell_is_never_empty_and_never_two_lines) {
  const json::value row = {{"a", nullptr},
                           {"b", ""},
                           {"c", "two\nlines"},
                           {"d", {1, "x"}},
                           {"hold", {{"user", "alice"}}}};
  BOOST_TEST(cell(row, "/a") == "-");
  BOOST_TEST(cell(row, "/b") == "-");
  BOOST_TEST(cell(row, "/c") == "two lines");
  BOOST_TEST(cell(row, "/d") == "1,x");
  BOOST_TEST(cell(row, "/hold/user") == "alice");
  BOOST_TEST(cell(row, "/hold/until") == "-");
  BOOST_TEST(cell(json::value(7), "/hold") == "-");
}

BOOST_AUTO_TEST_CASE(what_lies_in_a_cell_is_told_short) {
  const json::value rows = json::parse(
      R"([{"spares":[{"application":"shop","generation":"1","ready":2},
                     {"application":"blog","generation":null,"ready":0}],
           "orphans":[{"name":"a","reason":"x"},{"reason":"y"},"b"],
           "hold":{"user":"bob"}, "none":[], "empty":{}}])");
  const std::string text =
      table(rows.as_array(), {{"SPARES", "/spares"},
                              {"ORPHANS", "/orphans", "name"},
                              {"HOLD", "/hold"},
                              {"USER", "/hold/user"},
                              {"NONE", "/none", "name"},
                              {"EMPTY", "/empty"},
                              {"MISSING", "/missing"}});
  BOOST_TEST(text ==
             "SPARES             ORPHANS  HOLD  USER  NONE  EMPTY  MISSING\n"
             "shop:1:2,blog:-:0  a,-,b    bob   bob   -     -      -\n");
}

BOOST_AUTO_TEST_CASE(control_characters_do_not_reach_a_terminal) {
  const json::value rows =
      json::parse(R"([{"orphans":[{"name":"a\u001b[2J\nb"}]}])");
  const std::string text =
      table(rows.as_array(), {{"ORPHANS", "/orphans", "name"}});
  BOOST_TEST(text == "ORPHANS\na\\x1b[2J\\x0ab\n");
}

BOOST_AUTO_TEST_CASE(a_note_of_two_lines_is_one_line_of_a_table) {
  const json::value rows = json::parse(
      R"([{"note":"Gr\u00fc\u00dfe\nFORGED  row","b":1},{"note":"x","b":2}])");
  const std::string text =
      table(rows.as_array(), {{"NOTE", "/note"}, {"B", "/b"}});
  BOOST_TEST(text == "NOTE               B\n"
                     "Gr\u00fc\u00dfe FORGED  row  1\n"
                     "x                  2\n");
  const std::string one = sheet({{"note", "a\nstate  running"}});
  BOOST_TEST(one == "note  a state  running\n");
  BOOST_TEST(sheet({{"note", "\u05e9\u05dc!\u200f"}}) ==
             "note  \u05e9\u05dc!\u200f\n");
  BOOST_TEST(sheet({{"note", "a\u202eb"}}) == "note  a\\xe2\\x80\\xaeb\n");
}

BOOST_AUTO_TEST_SUITE_END()
