// SPDX-License-Identifier: GPL-2.0-or-later
// lib/checks/SERVER.json: the finding of the last check of a server, whether it
// is still as it was built. The only record of drift, one file per server.
//
//   {"version":1,"server":S,"job":N,"build":N,"at":RFC3339,
//    "problems":["...",...],"files":[{"path":P,"state":"changed"},...],
//    "edits":N,"names":["...",...]}
//
// job: the check; build: the job that made the configuration which was checked.
// The finding is valid for that configuration only, so whatever replaces it - a
// build, an undo - invalidates the finding without a write. problems: all
// findings that are neither a file of the application's templates nor an edit
// of its checkout, in words, and the number of files after the first 20, which
// are named. With empty lists and no edits the server is as it was built.
//
// It has one writer at a time, the worker of a check job (claim check:SERVER),
// and is written whole (aside, rename, both fsynced) before the worker's last
// record. berthd reads it at start and when such a job has ended. Removing it
// is harmless.
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

// The folder lib/checks, created if it does not exist.
Dir checks_dir(const std::string& lib);
void write_check(const Dir& checks, const Check& check);
// nullopt: never checked. Throws JsonError.
std::optional<Check> read_check(const Dir& checks, const std::string& server);

}  // namespace berth
