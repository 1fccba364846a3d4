// SPDX-License-Identifier: GPL-2.0-or-later
// The table of berthctl's commands. A command takes the words after its name
// and returns the exit code; it throws UsageError for a word too many or too
// few.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/options.hpp"

namespace berth::ctl {

inline constexpr int kAccepted = 0;
inline constexpr int kRefused = 1;  // or problems were found, or the job failed
inline constexpr int kTimedOut = 3;

// The options of every command, and of the one that runs.
struct Context {
  std::string config_file;   // empty: the default file
  std::int64_t timeout = 0;  // seconds; 0: the command's own
  CommandLine line;          // its options
};

// The value of --timeout, or else `usual`.
std::int64_t patience(const Context& context, std::int64_t usual);

using Words = std::vector<std::string>;

struct Command {
  const char* name;
  const char* synopsis;  // what follows the name
  const char* does;
  int (*run)(const Context&, const Words&);
  // Besides --config and --timeout; "name:" takes a value (base/options).
  std::vector<std::string> options = {};
};

const std::vector<Command>& commands();
// nullptr if there is no command of that name.
const Command* find_command(const std::string& name);
std::string usage();

int check(const Context&, const Words&);
int status(const Context&, const Words&);
int submit(const Context&, const Words&);
int publish(const Context&, const Words&);
int refresh(const Context&, const Words&);
int adopt(const Context&, const Words&);
int doctor(const Context&, const Words&);
int drop_database(const Context&, const Words&);
int forget_job(const Context&, const Words&);
int retire(const Context&, const Words&);
int enroll(const Context&, const Words&);
int drain(const Context&, const Words&);
int release_all(const Context&, const Words&);

}  // namespace berth::ctl
