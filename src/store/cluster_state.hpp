// SPDX-License-Identifier: GPL-2.0-or-later
// state/clusters/CLUSTER.json: what `berth-worker tidy` last found on a
// cluster: the generations that builds can use, and the problems for an admin.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/described.hpp"
#include "store/state.hpp"

namespace berth {

// The end of a problem for which berthctl doctor prints the statement.
inline constexpr std::string_view kDoctorHasTheSql =
    "; `berthctl doctor` has the SQL";

struct Generation {
  std::string application;
  std::string generation;  // yyyymmddhhmmss
  std::string database;    // its name on the cluster
  std::optional<Instant> data_at;
  std::int64_t size = 0;   // bytes, by pg_database_size
};
BOOST_DESCRIBE_STRUCT(Generation, (),
                      (application, generation, database, data_at, size))
template <>
inline constexpr JsonRules kJsonRules<Generation>{.name = "base"};

// The copies of a generation that are ready for a build.
struct SpareCount {
  std::string application;
  std::string generation;
  int ready = 0;
};
BOOST_DESCRIBE_STRUCT(SpareCount, (), (application, generation, ready))
template <>
inline constexpr JsonRules kJsonRules<SpareCount>{.name = "spares"};

// A server's database by its marker. The history records which one should be
// there; after a restored backup the two may differ.
struct LiveDatabase {
  std::string database;
  std::int64_t oid = 0;
  std::string server;
  std::string application;
  std::string generation;
  std::int64_t job = 0;  // the job that made it

  bool operator==(const LiveDatabase&) const = default;
};
BOOST_DESCRIBE_STRUCT(LiveDatabase, (),
                      (database, oid, server, application, generation, job))
template <>
inline constexpr JsonRules kJsonRules<LiveDatabase>{.name = "live"};

// A server's former database: what an undo would restore.
struct FormerDatabase {
  std::string database;  // its name as trash
  std::string server;
  std::string application;
  std::string generation;
  std::optional<Instant> data_at;
  std::int64_t job = 0;  // the job whose switch replaced it
  Instant until = 0;     // kept until then
  std::int64_t size = 0;

  bool operator==(const FormerDatabase&) const = default;
};
BOOST_DESCRIBE_STRUCT(FormerDatabase, (),
                      (database, server, application, generation, data_at, job,
                       until, size))
template <>
inline constexpr JsonRules kJsonRules<FormerDatabase>{.name = "former"};

// An unused object on the cluster: a database of ours that nothing explains
// (which `berthctl drop-database` may drop), one with a name of ours and a
// comment that is not ours (never dropped before an admin removes the comment),
// or a folder that a crashed CREATE DATABASE left (which only an admin's rm
// removes).
struct Orphan {
  std::string kind;      // "database", "commented" or "directory"
  std::string name;      // the database's, or base/OID (see orphan.hpp)
  std::string reason;    // a sentence
  std::int64_t size = 0; // bytes; 0: unknown
  // Of a live database that a server can use; 0 for any other.
  std::int64_t oid = 0;
};
BOOST_DESCRIBE_STRUCT(Orphan, (), (kind, name, reason, size, oid))
template <>
inline constexpr JsonRules kJsonRules<Orphan>{.name = "orphan",
                                              .left_out = {"oid"}};

struct ClusterState {
  std::string cluster;
  bool reachable = false;
  std::string reason;             // why it is unreachable
  Instant as_of = 0;
  std::string server_version;
  std::string system;             // its identifier; empty: not known
  std::optional<std::int64_t> free_bytes;
  std::vector<Generation> bases;  // newest first per application
  std::vector<SpareCount> spares; // by application, newest generation first
  std::vector<LiveDatabase> live; // all of this site that have a marker
  int trash = 0;                  // databases that wait to be dropped
  std::vector<FormerDatabase> former;
  std::vector<Orphan> orphans;
  std::vector<std::string> problems;  // a sentence for an admin each
};
BOOST_DESCRIBE_STRUCT(ClusterState, (),
                      (cluster, reachable, reason, as_of, server_version,
                       system, free_bytes, bases, spares, live, trash, former,
                       orphans, problems))
template <>
inline constexpr JsonRules kJsonRules<ClusterState>{.left_out = {"system"},
                                                    .nulled = {"reason"}};

json::object to_json(const ClusterState& state);
ClusterState cluster_state_from_json(const json::value& value);
// Reads state/clusters/CLUSTER.json. nullopt if it does not exist or cannot be
// read: it is a cache that the next tidy writes again.
// "clusters/CLUSTER.json", in state/.
std::string cluster_state_file(const std::string& cluster);
std::optional<ClusterState> read_cluster_state(const State& state,
                                               const std::string& cluster);

}  // namespace berth
