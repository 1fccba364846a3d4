// SPDX-License-Identifier: GPL-2.0-or-later
// What is in files on a guest: those that a build would put in place, read by
// berth-guest's verb `read`. Only in memory, and as they are: secrets may be in
// them, so whatever goes on from here has been masked
// (worker/build/guest_mask.hpp).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "worker/guest/guest.hpp"
#include "worker/job/context.hpp"

namespace berth::worker {

struct GuestFile {
  bool there = false;
  std::string mode;       // "0640"
  std::string owner;      // "root:www-data"
  std::string text;
  std::string left_out;   // why there is no text although it is there
};

struct GuestFiles {
  std::map<std::string, GuestFile> files;  // by path
  std::optional<std::int64_t> pending;  // a job that has not ended its switch
};

// All of `paths`, none twice. Throws what Guest::call throws; GuestError for a
// path that guest.conf does not allow, as `stage` would.
GuestFiles read_guest_files(const Context& context, Guest& guest,
                            const std::vector<std::string>& paths,
                            Report& report, Deadline deadline);

}  // namespace berth::worker
