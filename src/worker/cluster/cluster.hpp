// SPDX-License-Identifier: GPL-2.0-or-later
// One PostgreSQL server as Berth uses it: the connection to conninfo's
// database, which must be none that Berth copies, renames or drops, and over
// which every changing statement goes, because it holds the advisory locks.
// A lock is one per database name; losing the connection loses the locks and
// fails the step (Away).
//
// What is done to databases lives in copy.hpp, swap.hpp, trash.hpp and
// publish.hpp; here is what is there. What cluster it is, is pinned.hpp's.
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
  bool ours_to_alter = false;  // berth is the owner's member
  bool allow_connections = true;
  bool is_template = false;
  std::int64_t connection_limit = -1;  // -2: invalid, an interrupted DROP
  bool collation_differs = false;
  std::string comment;
  std::optional<DatabaseMarker> marker;
  std::int64_t size = 0;  // bytes; 0 when it may not be asked
  bool in_use = false;    // somebody is connected

  // A base that was published, also where its marker is lost: it may have no
  // connection, which no copy inherits. Before that was the sign it was a
  // template for PostgreSQL, so that any role with CREATEDB could copy it; its
  // owner, which we are, needs no such flag.
  bool published() const { return is_template || connection_limit == 0; }
};

// SQL for the comment of a row `d` of pg_database, which its owner can write.
inline constexpr const char* kDatabaseComment =
    "shobj_description(d.oid, 'pg_database')";

// Of our site only.
bool is_marked(const Database& database, const DatabaseNames& names,
               const char* kind);
// "it is marked already, ...", where a comment is a marker or begins like one;
// empty where it is none of Berth's, of any site.
std::string marked_already(const Database& database);
// A base that may be copied: marked, named as its marker says, and owned by
// `role`, us. A comment alone proves nothing: every owner can write one on his
// database.
bool is_base(const Database& database, const DatabaseNames& names,
             const std::string& role);

// A finished copy that waits for a build, as claim.hpp takes one: whatever
// else says "ready" cannot be trusted to be as it was copied.
bool is_waiting(const Database& database, const DatabaseNames& names,
                const std::string& role);

struct Session {
  std::int64_t pid = 0;
  // "user from address". Not its application_name: SQL of a dump can make that
  // of a row (ALTER DATABASE ... SET application_name).
  std::string text;
};
// "somebody is connected: ..." for each.
std::vector<Obstacle> connected(const std::vector<Session>& sessions);

class Cluster {
 public:
  // `job` names our sessions on the server; 0 for chores.
  Cluster(const ClusterConfig& config, const DatabaseNames& names,
          std::int64_t job, Link& link);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  Connection& sql() { return sql_; }
  Link& link() { return link_; }
  const std::string& own_session() const { return session_name_; }
  const std::string& role() const { return role_; }  // who we are there
  const ClusterConfig& config() const { return config_; }
  const DatabaseNames& names() const { return names_; }
  std::string quoted(const std::string& name) const {
    return sql_.identifier(name);
  }

  // Names the server for good, across restarts and changes of address.
  std::string system_identifier();
  // Throws Error when it is another server than `expected`, which is what it
  // has to be from here on.
  void require_system(const std::string& expected);
  // Empty until that has been said.
  const std::string& expected_system() const { return expected_system_; }
  std::string version();

  // All that are not template0 and template1, by name; or those whose names
  // start so, which is quicker: for the size of each, PostgreSQL asks the disk
  // for every file.
  std::vector<Database> databases(const std::string& front = "");
  std::optional<Database> database(const std::string& name);
  bool is_marked(const Database& database, const char* kind) const {
    return worker::is_marked(database, names_, kind);
  }
  bool is_base(const Database& database) const {
    return worker::is_base(database, names_, role_);
  }

  // Everybody connected to it but us, autovacuum and parallel workers: also
  // what a background worker or a replication slot's reader holds open.
  std::vector<Session> sessions(const std::string& database);
  // What no ending of sessions gets out of the way, each a sentence that says
  // what to do: prepared transactions, logical slots, subscriptions.
  // One look: what of it matters is said by lasting().
  std::vector<Obstacle> obstacles(const std::string& database);
  // Ends all sessions on it, waits for their end, and returns who they were.
  // Throws Error naming those that may not be ended and stay.
  std::vector<Session> cut_sessions(const std::string& database);
  // Ends what an earlier process of this job still has running here (a COMMIT
  // in flight, a CREATE DATABASE) and waits until it is over. Only after that
  // does looking tell anything.
  void end_earlier_sessions();

  // From here on a COMMIT of this connection does not wait for the disk: only
  // for what a server that crashes now may forget, the last of it first.
  void commit_without_waiting() { sql_.run("SET synchronous_commit = off"); }

  // Never waits; try until the deadline with lock().
  bool try_lock(const std::string& database);
  void lock(const std::string& database, Deadline deadline);
  void unlock(const std::string& database);

  void comment(const std::string& database, const DatabaseMarker& marker);
  void allow_connections(const std::string& database, bool allow);
  // What nobody may use any more: it takes no connections, and is no template,
  // which its owner could make of it and which cannot be dropped.
  void close(const std::string& database);
  // Berth's role becomes its owner: nobody else can comment, rename or open it.
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

// Where other machines find the cluster: host and port of its conninfo.
struct ClusterAddress {
  std::string host, port;
};
ClusterAddress address_of(const ClusterConfig& config);

}  // namespace berth::worker
