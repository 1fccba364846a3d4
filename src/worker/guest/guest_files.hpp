// SPDX-License-Identifier: GPL-2.0-or-later
// Reads files on a guest that a build would replace, with berth-guest's verb
// `read`. They are kept only in memory and are unmasked: they may contain
// secrets, so they must be masked before anything is passed on
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
  std::string left_out;   // why the text of an existing file is missing
};

struct GuestFiles {
  std::map<std::string, GuestFile> files;  // by path
  std::optional<std::int64_t> pending;  // a job whose switch is unsettled
};

// Reads all of `paths`, which must differ. Throws what Guest::call throws;
// GuestError for a path that guest.conf does not allow, as `stage` does.
GuestFiles read_guest_files(const Context& context, Guest& guest,
                            const std::vector<std::string>& paths,
                            Report& report, Deadline deadline);

}  // namespace berth::worker
