// SPDX-License-Identifier: GPL-2.0-or-later
// Detects operators and functions of a dump that a script would call in place
// of PostgreSQL's own. pg_catalog comes first in most search_paths, but of
// several operators with one name PostgreSQL takes the one whose types fit
// best. For a column of type varchar that is public.!~~(varchar, varchar), not
// the one for text in pg_catalog. The assertion `mail NOT LIKE
// '%@test.invalid'` then returns whatever the dump's author wants. A cast of a
// table's row type does the same to `person::text`, and so does an implicit
// cast to a column of a type of the dump.
//
// Which types they take does not matter, because a literal takes the type that
// fits. Those of a superuser, such as an extension's, do not count: no dump can
// create any, and what a dump adds to an extension remains its role's. Only
// what is in the schemas of the session's search_path can be called; of
// functions only those that a statement names.
//
// An assertion still reads what the dump has under a name: a view, a computed
// column, a function whose name PostgreSQL does not have.
#pragma once

#include <string>

#include "worker/cluster/connection.hpp"

namespace berth::worker {

// Throws Error(action, place, ...) with the first of them and what to do.
// `statement` is about to run; CREATE SCHEMA, DROP, and ALTER of operators and
// functions are always allowed, because a script uses them to move one away.
void require_no_lookalike(Connection& sql, const std::string& action,
                          const std::string& place,
                          const std::string& statement);

}  // namespace berth::worker
