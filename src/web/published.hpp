// SPDX-License-Identifier: GPL-2.0-or-later
// The lists of state/ (servers.json, jobs.json, ...), kept from one request to
// the next: they are what is asked for most, and a look at a name costs a
// tenth of reading the file.
//
// Never stale: a kept file stays open, so while the name leads to the same
// inode it is the same file (the number of an open file is not given away
// again), and whoever replaces it does so by rename. Size and times are
// compared as well, for a hand that writes in place. What this costs: each
// process keeps the last version it read of six files, on disk and in memory;
// what is larger than kLargestKept is read each time.
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

  // Throws Error when the folder cannot be opened.
  explicit Published(const std::string& state_dir);

  // As State::read(); nullptr: no such resource. For names without a folder.
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
