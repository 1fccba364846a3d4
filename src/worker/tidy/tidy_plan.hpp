// SPDX-License-Identifier: GPL-2.0-or-later
// What tidy would do: a pure function of the databases that were seen and the
// facts beside them. tidy.hpp has the table; what is not in it is left alone.
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
  Database database;  // as it was seen; done only if it still is so
  std::string why;    // for the log
  std::int64_t longest = 0;  // of seal: seconds that it is kept at most
};

struct TidyPlan {
  std::vector<Deed> deeds;            // in the order to do them
  std::vector<Orphan> orphans;        // databases only
  std::vector<std::string> problems;  // sentences that begin with the name
};

// `role`: who we are on the cluster, and whose bases are ours.
TidyPlan plan_tidy(const std::vector<Database>& databases,
                   const DatabaseNames& names, const std::string& role,
                   const TidyFacts& facts);

}  // namespace berth::worker
