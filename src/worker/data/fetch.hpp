// SPDX-License-Identifier: GPL-2.0-or-later
// Brings an application's dump to this machine. `dump = "/PATH"` is used where
// it lies; "HOST:/PATH" is copied by rsync over ssh, HOST as in berth's
// ssh_config, into cache/APP/ under its own name.
//
// rsync writes into the file itself (--inplace): when the line breaks, or we
// are killed at any byte, the next run goes on from what is there, and its
// checksum of the whole says that it is right. -s is not used: rrsync, which
// admins rightly put in front of their backups, refuses it, and since 3.2.4
// rsync protects its arguments by itself. No shell is between us and ssh.
//
// rsync is confined to cache/APP: the connection is opened before it, by an ssh
// of ours, and what it starts only uses the socket. A folder that has anything
// but files in it, and kFoldersBeside (worker/data/dump_toc.hpp), is refused
// before it is copied.
//
// What is copied is no more than was listed: the kernel lets rsync make no file
// larger than the largest, worker/data/fetched_size.hpp bounds the sum. A fetch
// that goes over is stopped, and what it brought is removed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "step/report.hpp"
#include "worker/job/context.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

// Returns the path on this machine. Throws Error: not there, not readable, no
// room left in the cache, no answer.
std::string fetch_dump(const Context& context, Report& report,
                       Deadline deadline);

// "1.2 GiB": for people.
std::string size_text(std::int64_t bytes);

// What `rsync --list-only` tells of PATH's last segment, `name`; of what is in
// PATH/ when that is ".". Of what is in a folder only a dump's own files are
// fetched and counted (worker/data/dump_toc.hpp).
struct Remote {
  std::int64_t size = 0;     // of all files
  std::int64_t largest = 0;  // of one file
  std::int64_t entries = 0;  // files and whatever else
  bool link = false;
  bool folder = false;
  std::string strange;  // the first in the folder that refuses it, and why:
                        // "shop/1.dat in it, which is no regular file"
};
// One line of it is added; false for one that is not about `name`.
bool add_listed(std::string_view line, const std::string& name, Remote& out);

// The bytes in a line of --info=progress2, 0 for any other line.
std::int64_t progress_bytes(std::string_view line);

}  // namespace berth::worker
