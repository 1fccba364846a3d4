// SPDX-License-Identifier: GPL-2.0-or-later
// A database that nobody can connect to. PostgreSQL lets any role that may log
// in lock any database: BEGIN; ALTER ROLE itself IN DATABASE x SET ... takes a
// small lock and keeps it; a DROP DATABASE x beside it, which will be refused,
// waits for the greatest, and whoever connects to x waits behind that. A new
// session takes its database's lock before it can run anything, so they have to
// be ended over a connection to another database.
//
// A connection kept open for this was rejected: it costs each cluster one of
// PostgreSQL's processes for ever, and a role that may log in can stop a
// cluster without any lock, by taking all connections.
#pragma once

#include <string>

#include "worker/cluster/connection.hpp"

namespace berth::worker {

// Ends the sessions of other roles that hold or wait for the lock of the
// database, where that keeps newcomers out; not those of `spared`, nor whom we
// may not end (cutter.hpp). Does not wait for their end.
void end_who_locks(Connection& sql, const std::string& database,
                   const std::string& spared = "");

// Ends the sessions of other roles that the session `pid` waits for, and those
// before it in that queue; not those of `spared`, nor whom we may not end.
void end_who_blocks(Connection& sql, int pid, const std::string& spared);

// The first over a connection of its own to postgres, template1 or conninfo's
// database, whichever is not `database` and answers first. Throws Interrupted;
// that none answers is no error.
void end_who_locks_from_outside(const Conninfo& conninfo,
                                const std::string& application_name, Link& link,
                                const std::string& database);

}  // namespace berth::worker
