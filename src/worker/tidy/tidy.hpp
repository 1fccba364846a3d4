// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker tidy CLUSTER`: puts right what crashes left on a cluster, and
// retires what is old, from names, markers and locks alone, and publishes
// state/clusters/CLUSTER.json. Started by berthd at start and every minute; can
// be run at any time, any number of times, also while jobs run: what belongs to
// a job whose file lies in active/ is that job's, and what an advisory lock is
// held on is somebody's. One run leaves nothing for a second.
//
//   seen                                            done
//   copy of ours, its job is over, or no marker     dropped, by way of trash
//   claimed spare, its job is over                  so too: it may have edits
//   loading base, its job is over, or no marker     so too
//   spare of an older generation, spare too many    so too    (retire.hpp)
//   base older than `generations` newer ones        so too    (retire.hpp)
//   any of these, invalid (an interrupted DROP)     so too
//   trash of another owner, open, or kept longer
//   than longest_undo                               sealed   (trash.hpp)
//   trash past its undo time, needed by no job      dropped
//   live, takes no connections, its job is over     takes them again
//   name of ours with another marker or comment,
//   live one of an unknown server or application    told as an orphan
//   name of ours with another site's marker,
//   base or spare with changed collations           told as a problem
//   anything else                                   nothing
//
// Everything is done under the advisory lock on the database's name, after
// another look at it, and only on databases of our site: another console may
// work on the same cluster. While tidy works it also holds a lock that says so,
// for the case that two consoles were made from one backup.
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
  std::vector<std::string> problems;  // what it could or may not put right
};

// `is_active` is asked again just before each deed.
Tidied tidy(Cluster& cluster, const TidyFacts& facts,
            const IsActive& is_active);

// The chore; its exit code. A cluster that does not answer, or is another one
// than was pinned, is published as such, and that is no failure.
int tidy_chore(const Config& config, const std::string& cluster);

}  // namespace berth::worker
