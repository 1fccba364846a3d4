// SPDX-License-Identifier: GPL-2.0-or-later
// A dump on this machine, written by pg_dump -Fc (custom), -Fd (directory) or
// -Ft (tar). Plain SQL, compressed or not, is refused: it cannot be restored in
// parallel, no table of it can be left out, it has no creation date, and it
// would run as a script with Berth's privileges.
//
// Its date: pg_dump writes local time without the time zone. Berth takes it to
// be in this machine's zone, as it mostly is within one company; reading it as
// UTC would put every dump an hour or more into the future or the past. A dump
// from another zone is at most kZonesApart off. A dump with a later date was
// written by a wrong clock, or by somebody who wants it to be the newest for
// years: no later dump would be newer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

enum class DumpFormat { custom, directory, tar };

// One line of `pg_restore -l`. dump_names.hpp sets type, schema and name; they
// are empty if it cannot separate them. An object without a schema has "-".
struct DumpItem {
  std::int64_t id = 0;
  std::int64_t class_oid = 0;  // 1259: a relation; 0: rows, and others
  std::int64_t oid = 0;        // rows have that of their table
  std::string line;  // unchanged, for -L
  std::string text;  // "TABLE DATA public orders": no numbers, no owner
  std::string type, schema, name;
  // Ids of the tables whose SELECT also reads the rows of this one: it is a
  // partition of one, or inherits from one or more.
  std::vector<std::int64_t> parents;
};

// The settings that the dumped database was created with; empty: unknown.
struct DumpLocale {
  std::string encoding, provider, locale, collate, ctype, icu;
};

struct Dump {
  std::string path;
  DumpFormat format = DumpFormat::custom;
  Instant created_at = 0;
  std::int64_t size = 0;  // bytes of its files
  std::string identity;   // see dump_identity()
  std::vector<DumpItem> items;
  DumpLocale locale;
};

// Throws Error, with what to do, for anything but such a dump, and for a folder
// that worker/data/dump_toc.hpp refuses. pg_restore reads it confined
// (worker/job/confined.hpp), so `path` must contain no links. Its output goes
// to the private log.
Dump read_dump(const std::string& path, Link& link, PrivateLog& in_full,
               Deadline deadline);

// From the zone of UTC-12 to that of UTC+14.
inline constexpr std::int64_t kZonesApart = 26 * 3600;  // seconds

// Dated so far after `now` that no time zone explains it.
bool is_from_the_future(Instant created_at, Instant now);
// Throws Error, with the dump's path, for such a dump.
void require_of_the_past(const Dump& dump, Instant now);

// Names, inodes, sizes and times of its files, without other files in its
// folder (worker/data/dump_toc.hpp): differs after any change. A dump that is
// used in place must have the same identity before and after.
std::string dump_identity(const std::string& path);

// By the first bytes of a file; throws Error for a format that is refused.
DumpFormat format_of(std::string_view head, const std::string& path);

// Reads the output of `pg_restore -l` with TZ=UTC, line by line, into a dump.
// Throws Error for more entries, or bytes of them, than a dump can have, and at
// the end if there was no date, because it is not a list then.
class DumpList {
 public:
  explicit DumpList(Dump& dump) : dump_(dump) {}
  void take(std::string_view line);
  void end();

 private:
  Dump& dump_;
  std::optional<Instant> at_;
  std::size_t bytes_ = 0;
};
// The same for the whole output.
void read_list(std::string_view text, Dump& dump);
// From a line "CREATE DATABASE ... ENCODING = 'UTF8' ...".
DumpLocale read_locale(std::string_view line);

}  // namespace berth::worker
