// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/options.hpp"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>

#include "base/config.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

[[noreturn]] void exit_printing(const std::string& text) {
  const bool written =
      std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  std::exit(written ? 0 : 1);
}

}  // namespace

bool CommandLine::has(const std::string& option) const {
  return options.contains(option);
}

std::string CommandLine::value(const std::string& option) const {
  const auto found = options.find(option);
  return found == options.end() ? "" : found->second;
}

CommandLine parse_command_line(int argc, char** argv,
                               const std::vector<std::string>& options) {
  std::vector<std::string> names = {"help", "version"};
  names.insert(names.end(), options.begin(), options.end());
  std::vector<struct option> known;
  for (std::string& name : names) {
    const bool takes_value = name.ends_with(':');
    if (takes_value) name.pop_back();
    known.push_back({name.c_str(),
                     takes_value ? required_argument : no_argument, nullptr,
                     0});
  }
  known.push_back({});
  CommandLine out;
  opterr = 0;
  optind = 0;  // from the start, also where it is called twice (tests)
  for (;;) {
    int at = 0;
    const int found = ::getopt_long(argc, argv, ":", known.data(), &at);
    if (found == -1) break;
    if (found != 0) {
      // In "-xy" getopt has not gone past the word yet.
      const std::string word = optopt != 0
                                   ? std::string{'-', static_cast<char>(optopt)}
                                   : argv[optind - 1];
      throw UsageError(found == ':'
                           ? word + " requires a value"
                           : "invalid option " + printable(word, 100));
    }
    out.options[known[static_cast<std::size_t>(at)].name] =
        optarg ? optarg : "";
  }
  out.words.assign(argv + optind, argv + argc);
  return out;
}

CommandLine command_line(const Program& program, int argc, char** argv) {
  try {
    CommandLine line = parse_command_line(argc, argv, program.options);
    if (line.has("help")) exit_printing(program.usage);
    if (line.has("version")) {
      exit_printing(program.name + " " + version() + "\n");
    }
    return line;
  } catch (const UsageError& e) {
    exit_usage(program, e.what());
  }
}

void exit_usage(const Program& program, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n%s", program.name.c_str(), why.c_str(),
               program.usage.c_str());
  std::exit(kUsageStatus);
}

}  // namespace berth
