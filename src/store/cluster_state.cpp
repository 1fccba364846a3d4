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

json::value to_json(const SpareCount& s) {
  return {{"application", s.application},
          {"generation", s.generation},
          {"ready", s.ready}};
}

SpareCount spare_count_from_json(const json::value& value) {
  ObjectReader in(value, "spares");
  SpareCount s;
  s.application = in.string("application");
  s.generation = in.string("generation");
  s.ready = static_cast<int>(in.integer("ready"));
  in.finish();
  return s;
}

json::value to_json(const LiveDatabase& l) {
  return {{"database", l.database},   {"oid", l.oid},
          {"server", l.server},       {"application", l.application},
          {"generation", l.generation}, {"job", l.job}};
}

LiveDatabase live_from_json(const json::value& value) {
  ObjectReader in(value, "live");
  LiveDatabase l;
  l.database = in.string("database");
  l.oid = in.integer("oid");
  l.server = in.string("server");
  l.application = in.string("application");
  l.generation = in.string("generation");
  l.job = in.integer("job");
  in.finish();
  return l;
}

json::value to_json(const FormerDatabase& f) {
  return {{"database", f.database},     {"server", f.server},
          {"application", f.application}, {"generation", f.generation},
          {"data_at", instant_or_null(f.data_at)},
          {"job", f.job},               {"until", rfc3339(f.until)},
          {"size", f.size}};
}

FormerDatabase former_from_json(const json::value& value) {
  ObjectReader in(value, "former");
  FormerDatabase f;
  f.database = in.string("database");
  f.server = in.string("server");
  f.application = in.string("application");
  f.generation = in.string("generation");
  f.data_at = read_optional_instant(in, "data_at");
  f.job = in.integer("job");
  f.until = read_instant(in, "until");
  f.size = in.integer("size");
  in.finish();
  return f;
}

json::value to_json(const Orphan& o) {
  return {{"kind", o.kind},
          {"name", o.name},
          {"reason", o.reason},
          {"size", o.size}};
}

Orphan orphan_from_json(const json::value& value) {
  ObjectReader in(value, "orphan");
  Orphan o;
  o.kind = in.string("kind");
  o.name = in.string("name");
  o.reason = in.string("reason");
  o.size = in.integer("size");
  in.finish();
  return o;
}

template <class Item>
json::array array_of(const std::vector<Item>& items) {
  json::array out;
  for (const Item& item : items) out.push_back(to_json(item));
  return out;
}

}  // namespace

json::value to_json(const ClusterState& s) {
  json::array problems;
  for (const auto& problem : s.problems) problems.emplace_back(problem);
  return {{"version", 2},
          {"cluster", s.cluster},
          {"reachable", s.reachable},
          {"reason", text_or_null(s.reason)},
          {"as_of", rfc3339(s.as_of)},
          {"server_version", s.version},
          {"free_bytes", or_null(s.free_bytes)},
          {"bases", array_of(s.bases)},
          {"spares", array_of(s.spares)},
          {"live", array_of(s.live)},
          {"trash", s.trash},
          {"former", array_of(s.former)},
          {"orphans", array_of(s.orphans)},
          {"problems", problems}};
}

ClusterState cluster_state_from_json(const json::value& value) {
  ObjectReader in(value, "cluster state");
  if (in.integer("version") != 2) {
    throw JsonError("cluster state: unknown format", "version");
  }
  ClusterState s;
  s.cluster = in.string("cluster");
  s.reachable = in.boolean("reachable");
  s.reason = in.optional_string("reason").value_or("");
  s.as_of = read_instant(in, "as_of");
  s.version = in.string("server_version");
  s.free_bytes = in.optional_integer("free_bytes");
  const auto each = [&](const char* name, auto read) {
    read_each(in.optional_value(name), name, s.problems, read);
  };
  each("bases", [&s](const json::value& item) {
    s.bases.push_back(generation_from_json(item));
  });
  each("spares", [&s](const json::value& item) {
    s.spares.push_back(spare_count_from_json(item));
  });
  each("live", [&s](const json::value& item) {
    s.live.push_back(live_from_json(item));
  });
  s.trash = static_cast<int>(in.integer("trash"));
  each("former", [&s](const json::value& item) {
    s.former.push_back(former_from_json(item));
  });
  each("orphans", [&s](const json::value& item) {
    s.orphans.push_back(orphan_from_json(item));
  });
  each("problems", [&s](const json::value& item) {
    s.problems.push_back(json::value_to<std::string>(item));
  });
  in.finish();
  return s;
}

std::optional<ClusterState> read_cluster_state(const State& state,
                                               const std::string& cluster) {
  try {
    const auto body = state.read_json("clusters/" + cluster + ".json");
    if (body) return cluster_state_from_json(*body);
  } catch (const JsonError&) {
    // Written by another version, or damaged.
  }
  return std::nullopt;
}

}  // namespace berth
