// SPDX-License-Identifier: GPL-2.0-or-later
// A refresh: tonight's dump becomes the newest generation of an application.
//
//   fetch     the dump, by rsync over ssh or where it lies; is it newer?
//   restore   into a new database that only berth may connect to
//   scrub     the admin's scripts, in order; then the materialized views are
//             filled, and what no script reaches is reported or refused
//   vacuum    FREEZE and ANALYZE, so that copies have it done, and the
//             planner's statistics hold nothing that was scrubbed
//   assert    the admin's queries, and the size: each can fail the refresh
//   publish   the commit point: from here on builds take this generation
//
// The assertions come after everything that runs code of the dump: filling a
// materialized view calls its functions, and ANALYZE those of an index or of
// statistics on an expression, and each can write what the scrub removed.
//
// Until then the old generation serves, and after any failure. What a refresh
// leaves half done is a database of ours in state `loading`: the refresh drops
// it itself when it can, and tidy when it could not.
//
// Errors of PostgreSQL quote rows that are not scrubbed yet: in full they go
// to log/N.private.log, which only berth can read; the log for people has
// their place and their SQLSTATE.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void refresh_job(const Context& context, Journal& journal,
                 const Attempt& attempt);

}  // namespace berth::worker
