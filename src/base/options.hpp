// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of every program of Berth, by getopt_long(3): long options
// only, before or after the words, "--name VALUE" or "--name=VALUE"; "--" ends
// them. Every program knows --help, which prints its usage on standard output,
// and --version. A wrong command line is answered on standard error with what
// is wrong and the usage, and exit status 64 (EX_USAGE of sysexits.h).
//
//   const Program program{"berthd", "usage: berthd [--once]\n", {"once"}};
//   const CommandLine line = command_line(program, argc, argv);
//   if (!line.words.empty()) exit_usage(program, "unexpected word");
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace berth {

inline constexpr int kUsageStatus = 64;

// What is wrong with a command line.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CommandLine {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;  // without "--"; the last counts

  bool has(const std::string& option) const;
  std::string value(const std::string& option) const;  // "" when not given
};

struct Program {
  std::string name;
  std::string usage;                 // with its newline
  std::vector<std::string> options;  // "once"; "config:" takes a value
};

// --help and --version are known and only in the result. Throws UsageError.
CommandLine parse_command_line(int argc, char** argv,
                               const std::vector<std::string>& options);

// The same for a main(): ends the program after --help, --version or an error.
CommandLine command_line(const Program& program, int argc, char** argv);
[[noreturn]] void exit_usage(const Program& program, const std::string& why);

}  // namespace berth
