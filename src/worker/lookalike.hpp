// SPDX-License-Identifier: GPL-2.0-or-later
// Operators and functions of a dump that a script would call in the place of
// PostgreSQL's own: pg_catalog comes first in every search_path, but of several
// with one name PostgreSQL takes the one whose types fit best, and for a column
// of type varchar that is public.!~~(varchar, varchar), not pg_catalog's of
// text. An assertion `mail NOT LIKE '%@test.invalid'` then says what the dump's
// author likes.
//
// Not meant are those of an extension, which a superuser made; those with the
// very types of one in pg_catalog, which wins; and those that take a type of the
// dump's own, for which pg_catalog has none. Only what is in the schemas of the
// session's search_path can be taken; of functions only what a statement names.
#pragma once

#include <string>

#include "worker/connection.hpp"

namespace berth::worker {

// Throws Error(action, place, ...) with the first of them, and what to do.
// `statement` is what will run; DROP and ALTER OPERATOR and FUNCTION, by which a
// script gets one out of the way, may always.
void require_no_lookalike(Connection& sql, const std::string& action,
                          const std::string& place,
                          const std::string& statement);

}  // namespace berth::worker
