// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/tail.hpp"

#include <boost/test/unit_test.hpp>

#include "ctl/command.hpp"
#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::ctl;

BOOST_AUTO_TEST_SUITE(tail_and_usage)

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
