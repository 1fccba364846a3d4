// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/table.hpp"

#include <boost/test/unit_test.hpp>

#include "ctl/command.hpp"
#include "ctl/tail.hpp"
#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::ctl;

BOOST_AUTO_TEST_SUITE(table_and_tail)

BOOST_AUTO_TEST_CASE(columns_are_aligned_by_characters) {
  BOOST_TEST(table({{"A", "B"}, {"\xc3\xa4\xc3\xb6", "x"}, {"abc", "y"}}) ==
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
  BOOST_TEST(cell(row, "/c") == "two\\x0alines");
  BOOST_TEST(cell(row, "/d") == "1,x");
  BOOST_TEST(cell(row, "/hold/user") == "alice");
  BOOST_TEST(cell(row, "/hold/until") == "-");
  BOOST_TEST(cell(json::value(7), "/hold") == "-");
}

BOOST_AUTO_TEST_CASE(what_lies_in_an_array_is_told_short) {
  const json::value cluster = json::parse(
      R"({"spares":[{"application":"shop","generation":"1","ready":2},
                    {"application":"blog","generation":"2","ready":0}],
          "orphans":[{"name":"a","reason":"no, none"},{"reason":"x"},"b"],
          "none":[]})");
  BOOST_TEST(cell(cluster, "/spares") == "shop:1:2,blog:2:0");
  BOOST_TEST(cell(cluster, "/orphans", "name") == "a,,b");
  BOOST_TEST(cell(cluster, "/none", "name") == "-");
}

BOOST_AUTO_TEST_CASE(the_tail_is_whole_lines_of_the_end) {
  const TemporaryDir dir;
  dir.put("short.log", "one\ntwo\nthree\n");
  const auto two = last_lines(dir / "short.log", 2);
  BOOST_TEST(two == (std::vector<std::string>{"two", "three"}),
             boost::test_tools::per_element());
  std::string big;
  for (int i = 0; i < 20'000; ++i) big += "line " + std::to_string(i) + "\n";
  dir.put("big.log", big);
  const auto all = last_lines(dir / "big.log", 100'000);
  BOOST_TEST(all.size() > 1000u);
  BOOST_TEST(all.front().find("line ") == 0u);
  BOOST_TEST(all.back() == "line 19999");
  BOOST_TEST(last_lines(dir / "none.log", 5).empty());
  dir.put("empty.log", "");
  BOOST_TEST(last_lines(dir / "empty.log", 5).empty());
}

BOOST_AUTO_TEST_CASE(every_command_is_in_the_usage) {
  for (const auto& command : commands()) {
    BOOST_TEST(usage().find(command.name) != std::string::npos);
    BOOST_TEST(find_command(command.name) == &command);
  }
  BOOST_TEST(find_command("dance") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
