// SPDX-License-Identifier: GPL-2.0-or-later
// A refresh: tonight's dump becomes the newest generation of an application.
//
//   fetch     the dump, by rsync over ssh or in place; is it newer?
//   restore   into a new database that only berth may connect to
//   scrub     the admin's scripts, in order; then the materialized views are
//             filled, and data that no script reaches is reported or refused
//   vacuum    FREEZE and ANALYZE, so that the copies need neither, and the
//             planner's statistics contain nothing that was scrubbed
//   assert    the admin's queries, and the size: each can fail the refresh
//   publish   the commit point: builds use this generation from now on
//
// The assertions run after everything that executes code of the dump: filling a
// materialized view calls its functions, ANALYZE those of an index or of
// statistics on an expression, and each can write what the scrub removed.
//
// The old generation remains in use until then, and after any failure. An
// incomplete refresh leaves a database of Berth's in the state `loading`, which
// the refresh itself drops if it can, and otherwise tidy.
//
// Errors of PostgreSQL can quote rows that are not scrubbed yet. Their full
// text goes to log/N.private.log, which only berth can read; the log for people
// has their position and SQLSTATE.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void refresh_job(const Context& context, Journal& journal,
                 const Attempt& attempt);

}  // namespace berth::worker
