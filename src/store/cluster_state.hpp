// SPDX-License-Identifier: GPL-2.0-or-later
// state/clusters/CLUSTER.json: what `berth-worker tidy` last saw of one
// cluster: the generations builds can ask for, and what needs an eye.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace berth {

struct Generation {
  std::string application;
  std::string generation;  // yyyymmddhhmmss
  std::string database;    // its name on the cluster
  std::optional<Instant> data_at;
  std::int64_t size = 0;   // bytes, as pg_database_size says
};

struct ClusterState {
  std::string cluster;
  bool reachable = false;
  std::string reason;             // why not
  Instant as_of = 0;
  std::string version;            // server_version
  std::optional<std::int64_t> free_bytes;
  std::vector<Generation> bases;  // newest first per application
  std::vector<std::pair<std::string, int>> spares;  // application, count
  int trash = 0;
  std::vector<std::string> problems;  // each a sentence for an admin
};

json::value to_json(const ClusterState& state);
ClusterState cluster_state_from_json(const json::value& value);

}  // namespace berth
