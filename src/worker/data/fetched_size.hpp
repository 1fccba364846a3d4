// SPDX-License-Identifier: GPL-2.0-or-later
// Watches the size of what a fetch writes into the cache: a backup host can
// send more bytes and more files than it listed. The kernel limits each file
// (Confinement::largest_file); this class limits their sum and number, and
// stops the fetch when less than disk_floor is free, whoever uses the disk.
//
// look() reads every entry of the folder, and does nothing within half a second
// of the last time. Between two looks no more is written than the network
// transfers in that time.
//
// Use:
//   FetchedSize size("backup:/shop.dump", "/cache/shop", listed, floor);
//   while it runs: size.look();         // Overfull: stop it
//   size.look_at_all();                 // when it has succeeded
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/error.hpp"

namespace berth::worker {

// The fetch must be stopped and the files that it wrote removed.
struct Overfull : Error {
  using Error::Error;
};

struct FileSum {
  std::int64_t bytes = 0;
  std::int64_t entries = 0;  // files, folders and all others
};

class FetchedSize {
 public:
  // `folder` contains this dump only. Its current content is added to `listed`,
  // because rsync writes a new file before it truncates an old one.
  FetchedSize(std::string dump, std::string folder, FileSum listed,
              std::int64_t floor);

  void look();
  // After the fetch: the folder must contain no more than was listed.
  void look_at_all() const;

 private:
  void look_at(const FileSum& most) const;

  std::string dump_, folder_;
  FileSum listed_, most_;
  std::int64_t floor_;
  std::int64_t next_ms_ = 0;  // monotonic
};

// The sum of a file, or of all below a folder; empty if it does not exist.
// Stops after more than `most` entries.
FileSum file_sum(
    const std::string& path,
    std::int64_t most = std::numeric_limits<std::int64_t>::max());

// The bytes that berth can still write on the disk of `path`.
std::int64_t free_bytes(const std::string& path);

// Another host reports the sizes: a sum never overflows, and a negative number
// counts as 0.
std::int64_t sum_of(std::int64_t have, std::int64_t more);

}  // namespace berth::worker
