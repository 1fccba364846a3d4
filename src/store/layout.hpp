// SPDX-License-Identifier: GPL-2.0-or-later
// The folders and files below the four folders of [paths]. Their owners and
// modes are in systemd/tmpfiles.conf.in, which creates the folders; no program
// creates or changes one.
//
// The states of one request, and who moves it on (kill -9 leaves it in one of
// them, from which berthd continues):
//
//   drop/.x      being written            web; berthd removes it after a day
//   drop/T       submitted                web renames, no-replace
//   drop-root/T  the same by root's berthctl, in a folder that only root and
//                berthd may enter; the rest is the same for both
//   drop/T + receipts/T   decided, effects perhaps not all applied
//                                         berthd applies again, never decides
//   receipts/T   drop removed; kept seven days
//   queue/N      queued                   berthd writes it from the receipt
//   active/N     given to a worker        berthd renames queue/N
//   active/N + N.steps    running         worker appends
//   (neither)    ended: its history line is durable
#pragma once

#include <string>

#include "base/config.hpp"
#include "base/dir.hpp"

namespace berth {

struct Layout {
  explicit Layout(const PathsConfig& paths);

  std::string drop, drop_root;                           // below spool
  std::string receipts, queue, active, bad, lock;        // below spool
  std::string history, application_history;              // below lib
  std::string cluster_history, state;                    // below lib
  std::string lib, log, run, cache;
  std::string clusters, known_hosts;                     // below lib
};

// Files in receipts/, queue/, active/ and bad/ are 0640 berth:web; the folders
// are setgid, so that files get the group automatically.
inline constexpr mode_t kReadableByWeb = 0640;

}  // namespace berth
