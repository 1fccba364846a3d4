// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/cluster_state.hpp"

namespace berth {
json::object to_json(const ClusterState& s) {
  json::object out = {{"version", 2}};
  write_members(out, s);
  return out;
}

ClusterState cluster_state_from_json(const json::value& value) {
  ObjectReader in(value, "cluster state");
  if (in.integer("version") != 2) {
    throw JsonError("cluster state: unsupported format", "version");
  }
  ClusterState s;
  s.cluster = in.string("cluster");
  s.reachable = in.boolean("reachable");
  s.reason = in.optional_string("reason").value_or("");
  s.as_of = in.instant("as_of");
  s.server_version = in.string("server_version");
  s.system = in.optional_string("system").value_or("");
  s.free_bytes = in.optional_integer("free_bytes");
  const auto each = [&](const char* name, auto& list) {
    read_each(in.optional_value(name), name, s.problems, list);
  };
  each("bases", s.bases);
  each("spares", s.spares);
  each("live", s.live);
  s.trash = static_cast<int>(in.integer("trash"));
  each("former", s.former);
  each("orphans", s.orphans);
  each("problems", s.problems);
  in.finish();
  return s;
}

std::string cluster_state_file(const std::string& cluster) {
  return "clusters/" + cluster + ".json";
}

std::optional<ClusterState> read_cluster_state(const State& state,
                                               const std::string& cluster) {
  try {
    const auto body = state.read_json(cluster_state_file(cluster));
    if (body) return cluster_state_from_json(*body);
  } catch (const JsonError&) {
    // Written by another version, or damaged.
  }
  return std::nullopt;
}

}  // namespace berth
