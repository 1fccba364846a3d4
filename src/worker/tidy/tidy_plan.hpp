// SPDX-License-Identifier: GPL-2.0-or-later
// Decides what tidy does: a pure function of the databases that were read and
// the facts besides them. tidy.hpp has the table; what is not in it is left
// alone.
#pragma once

#include <string>
#include <vector>

#include "store/cluster_state.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/tidy/tidy_facts.hpp"

namespace berth::worker {

struct Deed {
  enum class What { open, discard_copy, discard_base, drop, seal };
  What what;
  Database database;  // as it was read; skipped if it has changed since
  std::string why;    // for the log
  std::int64_t longest = 0;  // for seal: the most seconds that it is kept
};

struct TidyPlan {
  std::vector<Deed> deeds;            // in the order of execution
  std::vector<Orphan> orphans;        // databases only
  std::vector<std::string> problems;  // sentences that begin with the name
};

// `role`: Berth's role on the cluster, which owns its bases.
TidyPlan plan_tidy(const std::vector<Database>& databases,
                   const DatabaseNames& names, const std::string& role,
                   const TidyFacts& facts);

}  // namespace berth::worker
