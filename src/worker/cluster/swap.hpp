// SPDX-License-Identifier: GPL-2.0-or-later
// The commit point of a build with a database: one transaction with two
// renames, live -> trash and copy -> live. Constant time whatever the size,
// no DROP in the way, and the old data one rename away from coming back.
//
// Nobody is refused beforehand. The rename's lock keeps newcomers waiting,
// a second connection ends who is there (said by name in the log), the rename
// goes on when the last one is gone, and those that waited are told by
// PostgreSQL that the database was just renamed: they come back to the new one.
// So until COMMIT nothing has changed for anybody, however we die, and there is
// nothing to open again. ALLOW_CONNECTIONS false before it was rejected for
// that, and because the refused ones, on their way out, held the rename up.
//
// In the transaction, while both locks are held, the databases are looked at
// again: OID, marker, site, server. Then owner and comments, and connections
// are allowed on the new live database only. It is the one thing here that
// waits for the disk.
//
// The application's role owns what is live; Berth's own owns what is former,
// so that nobody can change its marker, which says how long it is kept, or open
// it again. Both change hands in this transaction.
//
// What is swapped in is a copy, or, in an undo, the server's former database
// out of the trash: that one keeps its own settings and grants.
//
// Returns normally: committed. SqlError and Error: nothing changed. Away:
// unknown, ask swapped_by().
#pragma once

#include <optional>
#include <string>

#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/cutter.hpp"

namespace berth::worker {

struct Swap {
  std::string live;  // the configured name
  std::optional<std::int64_t> live_oid;  // nullopt: there is none yet
  std::string copy;
  std::int64_t copy_oid = 0;
  const char* copy_kind = "spare";  // its marker's; "trash" in an undo
  std::string owner;
  std::string application;
  std::string server;
  std::int64_t job = 0;
  std::int64_t undo = 0;  // seconds that the trash is kept
};

// In two acts, so that the first, which disturbs nobody, can be over before the
// guest is touched: locks, looks, what the copy takes over from the live one
// and the second connection; then the transaction alone.
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

// Whether the copy is the live database: the answer to an unknown COMMIT, once
// no session of the job is left (Cluster::end_earlier_sessions). By its OID, as
// the owner can write a marker into either.
bool swapped_by(Cluster& cluster, const std::string& live,
                std::int64_t copy_oid);

// What would keep a swap from replacing this live database, each a sentence
// for an admin: sessions that may not be ended, prepared transactions,
// replication, locks. One look: preflight refuses only what is lasting(). Asked
// again when a swap has failed.
std::vector<Obstacle> in_the_way(Cluster& cluster, const Database& live);

}  // namespace berth::worker
