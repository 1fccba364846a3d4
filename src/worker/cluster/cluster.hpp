// SPDX-License-Identifier: GPL-2.0-or-later
// One PostgreSQL server as Berth uses it: the connection to the database that
// conninfo names. Berth must never copy, rename or drop that database. Every
// statement that changes something uses this connection, because it holds the
// advisory locks, one per database name. If it breaks, the locks are lost and
// the step fails (Away).
//
// This class reads what exists; copy.hpp, swap.hpp, trash.hpp and publish.hpp
// change databases. pinned.hpp checks which server it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "store/database_name.hpp"
#include "worker/cluster/connection.hpp"
#include "worker/cluster/obstacle.hpp"

namespace berth::worker {

struct Database {
  std::string name;
  std::int64_t oid = 0;
  std::string owner;
  bool ours_to_alter = false;  // Berth's role is a member of the owner
  bool allow_connections = true;
  bool is_template = false;
  std::int64_t connection_limit = -1;  // -2: invalid, an interrupted DROP
  bool collation_differs = false;
  std::string comment;
  std::optional<DatabaseMarker> marker;
  std::int64_t size = 0;  // bytes; 0 when Berth may not read it
  bool in_use = false;    // a client is connected

  // Whether this base was published, even if its marker is lost. The sign is
  // CONNECTION LIMIT 0, which copies do not inherit. Earlier versions made it a
  // template instead, which lets any role with CREATEDB copy it; its owner,
  // Berth's role, needs no such flag to copy it.
  bool published() const { return is_template || connection_limit == 0; }
};

// SQL for the comment of a row `d` of pg_database. Its owner can write it.
inline constexpr const char* kDatabaseComment =
    "shobj_description(d.oid, 'pg_database')";

// Whether the database has a marker of this kind and of this site.
bool is_marked(const Database& database, const DatabaseNames& names,
               const char* kind);
// "it is already marked ..." if the comment is a marker, or begins like one, of
// any site; empty if it is not one of Berth's.
std::string marked_already(const Database& database);
// Whether this base may be copied: marked, named as its marker says, and owned
// by `role`, Berth's role. A comment alone proves nothing, because any owner
// can write one on his database.
bool is_base(const Database& database, const DatabaseNames& names,
             const std::string& role);

// Whether this is a finished copy that waits for a build, as claim.hpp
// requires. Any other database marked "ready" may have changed since it was
// copied.
bool is_waiting(const Database& database, const DatabaseNames& names,
                const std::string& role);

struct Session {
  std::int64_t pid = 0;
  // "user from address". application_name is not shown: SQL of a dump can set
  // it to the value of a row (ALTER DATABASE ... SET application_name).
  std::string text;
};
// One obstacle "in use by ..." for each session.
std::vector<Obstacle> connected(const std::vector<Session>& sessions);

class Cluster {
 public:
  // `job` becomes part of the sessions' name on the server; 0 for chores.
  Cluster(const ClusterConfig& config, const DatabaseNames& names,
          std::int64_t job, Link& link);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  Connection& sql() { return sql_; }
  Link& link() { return link_; }
  const std::string& own_session() const { return session_name_; }
  const std::string& role() const { return role_; }  // Berth's role there
  const ClusterConfig& config() const { return config_; }
  const DatabaseNames& names() const { return names_; }
  std::string quoted(const std::string& name) const {
    return sql_.identifier(name);
  }

  // Identifies the server across restarts and changes of its address.
  std::string system_identifier();
  // Throws Error unless the server is `expected`, which it must be from now on.
  void require_system(const std::string& expected);
  // Empty until require_system() was called.
  const std::string& expected_system() const { return expected_system_; }
  std::string version();

  // All databases but template0 and template1, ordered by name; or only those
  // whose names start with `front`, which is faster: for the size of each,
  // PostgreSQL checks every file on disk.
  std::vector<Database> databases(const std::string& front = "");
  std::optional<Database> database(const std::string& name);
  bool is_marked(const Database& database, const char* kind) const {
    return worker::is_marked(database, names_, kind);
  }
  bool is_base(const Database& database) const {
    return worker::is_base(database, names_, role_);
  }

  // All sessions connected to the database except Berth's own, autovacuum and
  // parallel workers. Background workers and readers of replication slots
  // count.
  std::vector<Session> sessions(const std::string& database);
  // What remains after all sessions have been ended: prepared transactions,
  // logical replication slots, subscriptions. Each text says what to do. This
  // checks once; lasting() decides which of them matter.
  std::vector<Obstacle> obstacles(const std::string& database);
  // Ends all sessions on the database, waits until they have ended, and returns
  // them. Throws Error with those that Berth may not end.
  std::vector<Session> cut_sessions(const std::string& database);
  // Ends what an earlier process of this job still runs on the cluster (a
  // COMMIT in progress, a CREATE DATABASE) and waits until it is over. The
  // state of the cluster is reliable only afterwards.
  void end_earlier_sessions();

  // From now on a COMMIT of this connection does not wait for the disk. Use it
  // only where the server may forget the last transactions when it crashes.
  void commit_without_waiting() { sql_.run("SET synchronous_commit = off"); }

  // Does not wait; lock() retries until the deadline.
  bool try_lock(const std::string& database);
  void lock(const std::string& database, Deadline deadline);
  void unlock(const std::string& database);

  void comment(const std::string& database, const DatabaseMarker& marker);
  void allow_connections(const std::string& database, bool allow);
  // Closes a database that nobody may use any more: it accepts no connections
  // and is no template. Its owner could make it one, and templates cannot be
  // dropped.
  void close(const std::string& database);
  // Makes Berth's role the owner, so that nobody else can comment, rename or
  // open it.
  void own(const std::string& database);

 private:
  std::vector<Database> read(const std::string& condition,
                             const std::vector<Cell>& parameters);
  const ClusterConfig& config_;
  const DatabaseNames& names_;
  Link& link_;
  std::string session_name_;
  std::string role_;
  std::string expected_system_;
  Connection sql_;
};

// The host and port in conninfo, at which other machines reach the cluster.
struct ClusterAddress {
  std::string host, port;
};
ClusterAddress address_of(const ClusterConfig& config);

}  // namespace berth::worker
