// SPDX-License-Identifier: GPL-2.0-or-later
// Frees a database to which nobody can connect. PostgreSQL lets any role that
// may log in lock any database: BEGIN; ALTER ROLE itself IN DATABASE x SET ...
// takes a weak lock and keeps it; a concurrent DROP DATABASE x, which will be
// refused, waits for the strongest one; and every new connection to x waits for
// that. A new session takes the lock of its database before it can run
// anything, so the blocking sessions must be ended over a connection to another
// database.
//
// A connection kept open for this purpose was rejected: it permanently takes
// one of PostgreSQL's processes on each cluster, and a role that may log in can
// stop a cluster without any lock, by taking all connections.
#pragma once

#include <string>

#include "worker/cluster/connection.hpp"

namespace berth::worker {

// Ends the sessions of other roles that hold or wait for the lock of the
// database, if it keeps new sessions out. Sessions of `spared` are left alone,
// and so are those that Berth may not end (cutter.hpp). Does not wait for their
// end.
void end_who_locks(Connection& sql, const std::string& database,
                   const std::string& spared = "");

// Ends the sessions of other roles that block the session `pid`, holding a lock
// or waiting for it earlier, with the same exceptions.
void end_who_blocks(Connection& sql, int pid, const std::string& spared);

// Does the first over a new connection to postgres, template1 or conninfo's
// database, whichever is not `database` and answers first. It is not an error
// if none answers. Throws Interrupted.
void end_who_locks_from_outside(const Conninfo& conninfo,
                                const std::string& application_name, Link& link,
                                const std::string& database);

}  // namespace berth::worker
