// SPDX-License-Identifier: GPL-2.0-or-later
// lib/checks/SERVER.json: what the last check of a server found; whether it is
// still as it was built. The truth about drift, one file for each server.
//
//   {"version":1,"server":S,"job":N,"build":N,"at":RFC3339,
//    "problems":["...",...],"files":[{"path":P,"state":"changed"},...],
//    "edits":N,"names":["...",...]}
//
// job: the check; build: the job whose configuration the server carried when it
// was made. It is of that one alone, so whatever gives the server another
// configuration - a build, an undo - ends it without a write. problems: what is
// neither a file of the application's templates nor an edit of its checkout, in
// words; and how many files there are behind the first 20, which have names.
// Empty lists and no edits: the server is as it was built.
//
// One writer at a time, the worker of a check job (claim check:SERVER), whole
// (aside, rename, both fsynced) before its last record. berthd reads it at its
// start and when such a job has ended. Removing it is harmless.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/described.hpp"
#include "base/dir.hpp"

namespace berth {

struct ChangedFile {
  std::string path;
  std::string state;
};
BOOST_DESCRIBE_STRUCT(ChangedFile, (), (path, state))
template <>
inline constexpr JsonRules kJsonRules<ChangedFile>{.name = "file"};

struct Check {
  std::string server;
  std::int64_t job = 0;
  std::int64_t build = 0;
  Instant at = 0;
  std::vector<std::string> problems;
  std::vector<ChangedFile> files;
  std::int64_t edits = 0;
  std::vector<std::string> names;  // some of the edits

  bool drifted() const {
    return !problems.empty() || !files.empty() || edits > 0;
  }
};
BOOST_DESCRIBE_STRUCT(Check, (),
                      (server, job, build, at, problems, files, edits, names))

json::object to_json(const Check& check);
Check check_from_json(const json::value& value);  // throws JsonError

// The folder lib/checks, made when it is missing.
Dir checks_dir(const std::string& lib);
void write_check(const Dir& checks, const Check& check);
// nullopt: never checked. Throws JsonError.
std::optional<Check> read_check(const Dir& checks, const std::string& server);

}  // namespace berth
