// SPDX-License-Identifier: GPL-2.0-or-later
// Fetches an application's dump. `dump = "/PATH"` is used in place;
// "HOST:/PATH" is copied by rsync over ssh, with HOST as in berth's ssh_config,
// into cache/APP/ under its own name.
//
// rsync writes into the file itself (--inplace): if the connection breaks, or
// the worker is killed at any byte, the next run continues from there, and its
// checksum of the whole file verifies the result. -s is not used: rrsync, which
// administrators use to restrict access to their backups, refuses it, and since
// 3.2.4 rsync protects its arguments itself. No shell is used to start ssh.
//
// rsync is confined to cache/APP: Berth's own ssh opens the connection first,
// and the ssh that rsync starts only uses its socket. A folder that contains
// anything but files and kFoldersBeside (worker/data/dump_toc.hpp) is refused
// before it is copied.
//
// No more is copied than was listed: the kernel limits the size of each file
// to that of the largest, and worker/data/fetched_size.hpp limits the sum. A
// fetch that exceeds them is stopped, and the fetched files are removed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "step/report.hpp"
#include "worker/job/context.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

// Returns the path on this machine. Throws Error: the dump does not exist or is
// not readable, the cache has no space left, or the host does not answer.
std::string fetch_dump(const Context& context, Report& report,
                       Deadline deadline);

// "1.2 GiB": for people.
std::string size_text(std::int64_t bytes);

// What `rsync --list-only` reports about PATH's last segment, `name`; about the
// content of PATH/ if `name` is ".". In a folder only a dump's own files are
// fetched and counted (worker/data/dump_toc.hpp).
struct Remote {
  std::int64_t size = 0;     // of all files
  std::int64_t largest = 0;  // of one file
  std::int64_t entries = 0;  // files and all others
  bool link = false;
  bool folder = false;
  std::string strange;  // the first entry for which it is refused, and why:
                        // "shop/1.dat, which is not a regular file"
};
// Adds one line of the list; returns false for one that is not about `name`.
bool add_listed(std::string_view line, const std::string& name, Remote& out);

// The bytes in a line of --info=progress2; 0 for any other line.
std::int64_t progress_bytes(std::string_view line);

}  // namespace berth::worker
