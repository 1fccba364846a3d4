// SPDX-License-Identifier: GPL-2.0-or-later
// SQL in a dump runs as a role that may own live databases, and can drop or
// rename one. Nothing keeps it from that, but it does not remain unnoticed:
//
//   LiveWatch live(cluster, context.layout);
//   ... pg_restore, scripts ...
//   live.require_all("restore");
//
// Of the databases that were there at first, those count that the configuration
// of a server names by name and OID and on which no job is at work: a build, an
// undo or a retirement replaces or drops what it has to.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/layout.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

class LiveWatch {
 public:
  LiveWatch(Cluster& cluster, const Layout& layout);

  // "shop_qa1 (OID 16500) of qa1", for those that are missing now.
  std::vector<std::string> missing();
  // Throws Error that names them.
  void require_all(const char* step);

 private:
  using Databases = std::set<std::pair<std::string, std::int64_t>>;
  Databases now();
  Cluster& cluster_;
  const Layout& layout_;
  Databases before_;
};

// What is said of them.
std::string text_of_missing(const std::vector<std::string>& missing);

}  // namespace berth::worker
