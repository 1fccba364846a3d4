// SPDX-License-Identifier: GPL-2.0-or-later
// Where everything lies below the four folders of [paths]. Who owns what is
// said once, in systemd/tmpfiles.conf.in, which makes the folders; nobody else
// creates or changes one.
//
// States of one submission, and who moves it (kill -9 leaves it in one of
// them; berthd goes on from there):
//
//   drop/.x      being written            web; berthd removes it after a day
//   drop/T       submitted                web renames, no-replace
//   drop-root/T  the same by root's berthctl, in a folder that nobody else but
//                berthd may enter; from here on the two are alike
//   drop/T + receipts/T   decided, effects perhaps not all applied
//                                         berthd applies again, never decides
//   receipts/T   done with the drop; kept seven days
//   queue/N      waiting                  berthd writes it from the receipt
//   active/N     given to a worker        berthd renames queue/N
//   active/N + N.steps    being worked on worker appends
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

// receipts/, queue/, active/, bad/ files are 0640 berth:web; the folders are
// setgid, so that the group comes by itself.
inline constexpr mode_t kReadableByWeb = 0640;

}  // namespace berth
