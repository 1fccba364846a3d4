// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl: the administrator's command, without Apache; run as root.
#include <algorithm>
#include <cstdio>
#include <exception>

#include "base/log.hpp"
#include "base/options.hpp"
#include "base/text.hpp"
#include "ctl/command.hpp"

namespace {

using namespace berth;
using namespace berth::ctl;

constexpr std::int64_t kLongestTimeout = 999'999;  // seconds

std::int64_t seconds_in(const std::string& text) {
  const std::int64_t out = whole_number(text).value_or(0);
  if (out < 1 || out > kLongestTimeout) {
    throw UsageError("--timeout: must be a number of seconds");
  }
  return out;
}

// The options of any command are read first: where an option can be before the
// command, nothing else shows which words are values.
Program berthctl() {
  Program program{"berthctl", usage(), {"config:", "timeout:"}};
  for (const Command& command : commands()) {
    program.options.insert(program.options.end(), command.options.begin(),
                           command.options.end());
  }
  return program;
}

int run(Context context) {
  Words words = context.line.words;
  if (words.empty()) throw UsageError("missing command");
  const Command* command = find_command(words[0]);
  if (!command) throw UsageError("unknown command '" + words[0] + "'");
  for (const auto& [name, value] : context.line.options) {
    if (name == "config") {
      context.config_file = value;
    } else if (name == "timeout") {
      context.timeout = seconds_in(value);
    } else if (std::ranges::count(command->options, name) == 0 &&
               std::ranges::count(command->options, name + ":") == 0) {
      throw UsageError(words[0] + " has no option --" + name);
    }
  }
  words.erase(words.begin());
  return command->run(context, words);
}

}  // namespace

int main(int argc, char** argv) {
  const Program program = berthctl();
  try {
    return run({"", 0, command_line(program, argc, argv)});
  } catch (const UsageError& error) {
    exit_usage(program, error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "berthctl: %s\n", error.what());
    return kRefused;
  }
}
