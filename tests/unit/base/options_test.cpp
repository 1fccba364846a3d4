// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/options.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace berth;

CommandLine read(std::vector<std::string> words) {
  words.insert(words.begin(), "program");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return parse_command_line(static_cast<int>(words.size()), argv.data(),
                            {"config:", "once"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(options_are_before_and_after_the_words) {
  const CommandLine line = read({"a", "--config", "x", "-", "--once", "b"});
  BOOST_TEST(line.words == (std::vector<std::string>{"a", "-", "b"}));
  BOOST_TEST(line.value("config") == "x");
  BOOST_TEST(line.has("once"));
  BOOST_TEST(read({}).words.empty());
  BOOST_TEST(!read({"a"}).has("once"));
  BOOST_TEST(read({"a"}).value("config") == "");
}

BOOST_AUTO_TEST_CASE(a_value_is_the_next_word_or_behind_an_equals_sign) {
  BOOST_TEST(read({"--config=a=b"}).value("config") == "a=b");
  BOOST_TEST(read({"--config="}).value("config") == "");
  BOOST_TEST(read({"--config", "--once"}).value("config") == "--once");
  BOOST_TEST(read({"--config", "a", "--config", "b"}).value("config") == "b");
}

BOOST_AUTO_TEST_CASE(two_dashes_end_the_options) {
  const CommandLine line = read({"--", "--once", "a"});
  BOOST_TEST(line.words == (std::vector<std::string>{"--once", "a"}));
  BOOST_TEST(!line.has("once"));
}

BOOST_AUTO_TEST_CASE(every_program_has_help_and_version) {
  BOOST_TEST(read({"--help"}).has("help"));
  BOOST_TEST(read({"a", "--version"}).has("version"));
}

BOOST_AUTO_TEST_CASE(a_wrong_option_is_named) {
  const auto error = [](const std::vector<std::string>& words) {
    try {
      read(words);
    } catch (const UsageError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  BOOST_TEST(error({"--config"}) == "--config requires a value");
  BOOST_TEST(error({"a", "--twice", "b"}) == "invalid option --twice");
  BOOST_TEST(error({"--once=1"}) == "invalid option --once=1");
  BOOST_TEST(error({"-x"}) == "invalid option -x");
  BOOST_TEST(error({"a", "-xy", "b"}) == "invalid option -x");
  BOOST_TEST(error({"-config", "b"}) == "invalid option -c");
  BOOST_TEST(error({"--a\x1b[2J"}) == "invalid option --a\\x1b[2J");
}

BOOST_AUTO_TEST_SUITE_END()
