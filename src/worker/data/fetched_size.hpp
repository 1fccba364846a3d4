// SPDX-License-Identifier: GPL-2.0-or-later
// What a fetch writes into the cache, watched while it writes: a backup host
// can send more than it listed, and more files. The kernel bounds each file
// (Confinement::largest_file); this bounds their sum and number, and stops the
// fetch when the disk has less than disk_floor left, whoever took it.
//
// A look reads every entry of the folder and costs nothing within half a
// second of the last, so that between two looks as much is written as the
// network brings in that time.
//
// Use:
//   FetchedSize size("backup:/shop.dump", "/cache/shop", listed, floor);
//   while it runs: size.look();         // Overfull: stop it
//   size.look_at_all();                 // when it ended well
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/error.hpp"

namespace berth::worker {

// The fetch is to be stopped, and what it wrote removed.
struct Overfull : Error {
  using Error::Error;
};

struct FileSum {
  std::int64_t bytes = 0;
  std::int64_t entries = 0;  // files and whatever else, folders too
};

class FetchedSize {
 public:
  // `folder`: of this dump alone. What is in it counts beside `listed`, as
  // rsync writes a new file before it makes an old one smaller.
  FetchedSize(std::string dump, std::string folder, FileSum listed,
              std::int64_t floor);

  void look();
  // Of what is there when the fetch has ended: no more than was listed.
  void look_at_all() const;

 private:
  void look_at(const FileSum& most) const;

  std::string dump_, folder_;
  FileSum listed_, most_;
  std::int64_t floor_;
  std::int64_t next_ms_ = 0;  // monotonic
};

// Of a file, or of all below a folder; nothing for what is not there. It ends
// where there are more than `most` entries.
FileSum file_sum(
    const std::string& path,
    std::int64_t most = std::numeric_limits<std::int64_t>::max());

// What berth may still write on the disk of `path`.
std::int64_t free_bytes(const std::string& path);

// What another host says is large stays so: no number runs over, and a
// negative one is none.
std::int64_t sum_of(std::int64_t have, std::int64_t more);

}  // namespace berth::worker
