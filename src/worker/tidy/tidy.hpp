// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker tidy CLUSTER`: cleans up what crashes left on a cluster,
// removes what is old, and publishes state/clusters/CLUSTER.json. It decides by
// names, markers and locks alone. berthd starts it at its own start and then
// every minute; it can be run at any time, any number of times, also while jobs
// run: what belongs to a job whose file is in active/ is left to that job, and
// a database whose advisory lock is held is left to the holder. One run leaves
// nothing for a second.
//
//   observed                                        action
//   a copy, its job is over, or no marker           drop, by way of the trash
//   claimed spare, its job is over                  the same: it may have edits
//   loading base, its job is over, or no marker     the same
//   spare of an older generation, surplus spare     the same   (retire.hpp)
//   base older than `generations` newer ones        the same   (retire.hpp)
//   any of these, invalid (an interrupted DROP)     the same
//   trash of another owner, open, or kept longer
//   than longest_undo                               seal       (trash.hpp)
//   trash past its undo time, needed by no job      drop
//   live, without connections, its job is over      allow connections
//   a name of Berth's with another marker or
//   comment, live one of an unknown server or
//   application                                     report as an orphan
//   a name of Berth's with another site's marker,
//   base or spare with changed collations           report as a problem
//   anything else                                   none
//
// Every action is done under the advisory lock on the database's name, after
// reading the database again, and only on databases of this site: another
// console may work on the same cluster. Tidy also holds a lock of its own while
// it works, in case two consoles were created from one backup.
#pragma once

#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"
#include "worker/tidy/tidy_facts.hpp"
#include "worker/tidy/tidy_plan.hpp"
#include "worker/tidy/tidy_state.hpp"

namespace berth::worker {

struct Tidied {
  std::vector<Orphan> orphans;        // databases
  std::vector<std::string> problems;  // what it could not or must not fix
};

// `is_active` is called again right before each action.
Tidied tidy(Cluster& cluster, const TidyFacts& facts,
            const IsActive& is_active);

// The chore; returns its exit status. If the cluster is unreachable, or another
// one than was pinned, that is published and is not a failure.
int tidy_chore(const Config& config, const std::string& cluster);

}  // namespace berth::worker
