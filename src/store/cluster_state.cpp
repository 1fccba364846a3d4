// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/cluster_state.hpp"

#include "model/instant.hpp"

namespace berth {
namespace {

json::value to_json(const Generation& g) {
  return {{"application", g.application},
          {"generation", g.generation},
          {"database", g.database},
          {"data_at", instant_or_null(g.data_at)},
          {"size", g.size}};
}

Generation generation_from_json(const json::value& value) {
  ObjectReader in(value, "base");
  Generation g;
  g.application = in.string("application");
  g.generation = in.string("generation");
  g.database = in.string("database");
  g.data_at = read_optional_instant(in, "data_at");
  g.size = in.integer("size");
  in.finish();
  return g;
}

}  // namespace

json::value to_json(const ClusterState& s) {
  json::array bases;
  for (const auto& base : s.bases) bases.push_back(to_json(base));
  json::object spares;
  for (const auto& [application, count] : s.spares) spares[application] = count;
  json::array problems;
  for (const auto& problem : s.problems) problems.emplace_back(problem);
  return {{"version", 1},
          {"cluster", s.cluster},
          {"reachable", s.reachable},
          {"reason",
           s.reason.empty() ? json::value(nullptr) : json::value(s.reason)},
          {"as_of", rfc3339(s.as_of)},
          {"server_version", s.version},
          {"free_bytes", or_null(s.free_bytes)},
          {"bases", bases},
          {"spares", spares},
          {"trash", s.trash},
          {"problems", problems}};
}

ClusterState cluster_state_from_json(const json::value& value) {
  ObjectReader in(value, "cluster state");
  if (in.integer("version") != 1) {
    throw JsonError("cluster state: unknown format", "version");
  }
  ClusterState s;
  s.cluster = in.string("cluster");
  s.reachable = in.boolean("reachable");
  s.reason = in.optional_string("reason").value_or("");
  s.as_of = read_instant(in, "as_of");
  s.version = in.string("server_version");
  s.free_bytes = in.optional_integer("free_bytes");
  for (const auto& base : in.value("bases").as_array()) {
    s.bases.push_back(generation_from_json(base));
  }
  for (const auto& [application, count] : in.value("spares").as_object()) {
    s.spares.emplace_back(application, static_cast<int>(count.as_int64()));
  }
  s.trash = static_cast<int>(in.integer("trash"));
  for (const auto& problem : in.value("problems").as_array()) {
    s.problems.emplace_back(problem.as_string());
  }
  in.finish();
  return s;
}

}  // namespace berth
