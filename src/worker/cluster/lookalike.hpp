// SPDX-License-Identifier: GPL-2.0-or-later
// Operators and functions of a dump that a script would call in the place of
// PostgreSQL's own: pg_catalog comes first in most search_paths, but of several
// with one name PostgreSQL takes the one whose types fit best, and for a column
// of type varchar that is public.!~~(varchar, varchar), not pg_catalog's of
// text. An assertion `mail NOT LIKE '%@test.invalid'` then says what the
// dump's author likes. A cast of a table's row does so to `person::text`,
// and one that PostgreSQL makes by itself to a column of the dump's type.
//
// Which types they take does not matter: a literal becomes what fits. Not
// meant are those of a superuser, as an extension's are: no dump makes any, and
// what it adds to an extension stays its role's. Only what is in the schemas of
// the session's search_path can be taken; of functions only what a statement
// names.
//
// An assertion still reads what the dump has under a name: a view, a column
// that is computed, a function of a name that PostgreSQL has not.
#pragma once

#include <string>

#include "worker/cluster/connection.hpp"

namespace berth::worker {

// Throws Error(action, place, ...) with the first of them, and what to do.
// `statement` is what will run; CREATE SCHEMA, DROP and ALTER OPERATOR and
// FUNCTION, by which a script gets one out of the way, may always.
void require_no_lookalike(Connection& sql, const std::string& action,
                          const std::string& place,
                          const std::string& statement);

}  // namespace berth::worker
