// SPDX-License-Identifier: GPL-2.0-or-later
// The lists of state/ (servers.json, jobs.json, ...), cached between requests:
// they are requested most, and checking a name costs a tenth of reading the
// file.
//
// Never stale: a cached file stays open, so while the name has the same inode
// it is the same file (the inode of an open file is not reused), and a
// replacement arrives by rename. Size and times are compared as well, for an
// edit in place. The cost: each process keeps the last version of six files, on
// disk and in memory; a file larger than kLargestKept is read each time.
#pragma once

#include <sys/stat.h>

#include <map>
#include <memory>
#include <string>

#include "base/dir.hpp"
#include "store/state.hpp"

namespace berth::web {

class Published {
 public:
  static constexpr std::size_t kLargestKept = 4u << 20;

  // Throws Error if the folder cannot be opened.
  explicit Published(const std::string& state_dir);

  // As State::read(); nullptr: no such resource. Only for names without a
  // folder.
  std::shared_ptr<const StateBody> read(const State& state,
                                        const std::string& name);

 private:
  struct Kept {
    Fd file;
    struct stat seen {};
    std::shared_ptr<const StateBody> body;
  };
  Dir dir_;
  std::map<std::string, Kept> kept_;
};

}  // namespace berth::web
