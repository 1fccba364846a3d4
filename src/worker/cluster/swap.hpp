// SPDX-License-Identifier: GPL-2.0-or-later
// The commit point of a build with a database: one transaction with two
// renames, live -> trash and copy -> live. It takes constant time whatever the
// size, no DROP delays it, and one rename brings the old data back.
//
// Nobody is refused beforehand. The rename's lock makes new sessions wait, a
// second connection ends the present ones (the log names them), and the rename
// proceeds when the last one has ended. PostgreSQL informs the waiting clients
// that the database was just renamed, and they reconnect to the new one. So
// until COMMIT nothing has changed for anybody, however this process dies, and
// there is nothing to open again. Setting ALLOW_CONNECTIONS false first was
// rejected for that reason, and because the refused sessions delayed the rename
// while they ended.
//
// In the transaction, while both locks are held, OID, marker, site and server
// of the databases are checked again. Then owner and comments are set, and
// connections are allowed on the new live database only. It is the only
// operation here that waits for the disk.
//
// The application's role owns the live database. Berth's own role owns former
// ones, so that nobody can change their markers, which define how long they are
// kept, or open them again. Both owners change in this transaction.
//
// What becomes live is a copy, or, in an undo, the server's former database
// from the trash, which keeps its own settings and grants.
//
// Returning normally means committed. SqlError and Error mean that nothing
// changed. After Away it is unknown; ask swapped_by().
#pragma once

#include <optional>
#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/cutter.hpp"

namespace berth::worker {

struct Swap {
  std::string live;  // the configured name
  std::optional<std::int64_t> live_oid;  // nullopt: there is no live one yet
  std::string copy;
  std::int64_t copy_oid = 0;
  const char* copy_kind = "spare";  // kind in its marker; "trash" for an undo
  std::string owner;
  std::string application;
  std::string server;
  std::int64_t job = 0;
  std::int64_t undo = 0;  // seconds that the former database is kept
};

// The swap in two parts, so that the first, which disturbs nobody, can be over
// before the guest is changed: locks, checks, the properties that the copy
// takes from the live database, and the second connection. commit() is the
// transaction alone.
class Swapping {
 public:
  Swapping(Cluster& cluster, const Swap& swap, Report& report);
  void commit();

 private:
  Cluster& cluster_;
  Swap swap_;
  Report& report_;
  Cutter cutter_;
  std::optional<Database> live_;
};

// Whether the copy is the live database: decides an unknown COMMIT once no
// session of the job is left (Cluster::end_earlier_sessions). The OID is
// compared, because the owner can write a marker into either database.
bool swapped_by(Cluster& cluster, const std::string& live,
                std::int64_t copy_oid);

// What would keep a swap from replacing this live database, each with what to
// do: sessions that Berth may not end, prepared transactions, replication,
// locks. This observes once; preflight refuses only what is lasting(). Called
// again when a swap has failed.
std::vector<Obstacle> in_the_way(Cluster& cluster, const Database& live);

}  // namespace berth::worker
