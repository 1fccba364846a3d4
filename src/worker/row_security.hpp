// SPDX-License-Identifier: GPL-2.0-or-later
// Row security hides rows: with FORCE ROW LEVEL SECURITY from a table's owner
// too, so that a scrub changes none of them and an assertion sees none of them.
// A session that runs an administrator's SQL has row_security = off instead,
// where PostgreSQL refuses a query that a policy would filter. Granting the
// bypass to every role was rejected: only a superuser can do so, and the
// application would lose its policies on the servers.
//
// What could turn it on again is refused: a statement that leaves it on, and,
// before an assertion, a function of the database that has row_security in its
// SET clause. A function that sets it and resets it while a statement of an
// administrator calls it is not noticed; that statement calls it by intent.
//
// Use:  refuse_filtering(sql);
//       if (assertion) require_no_function_filters(sql, "scrub/shop/90-...");
//       ... a statement ...
//       require_refusing(sql, "scrub/shop/90-a.assert.sql:2");
//       on SQLSTATE 42501: filtered_table(sql, words)
#pragma once

#include <optional>
#include <string>

#include "worker/connection.hpp"

namespace berth::worker {

// Each of these names what is PostgreSQL's with its schema, because the
// session's search_path is the script's.
void refuse_filtering(Connection& sql);

// Throws Error("run", place, ...) when the session filters again.
void require_refusing(Connection& sql, const std::string& place);
// Throws Error("assert", place, ...) with the function's name.
void require_no_function_filters(Connection& sql, const std::string& place);

// "public.person", quoted for SQL where it must be: the table of an error with
// SQLSTATE 42501 whose rows a policy hides from the session's role. `words` is
// what the server said; nullopt: it says so of no such table. Ends a
// transaction that the error left open.
std::optional<std::string> filtered_table(Connection& sql,
                                          const std::string& words);

// What an administrator can do about it. `login` is who the session logged in
// as, `role` whom it became.
std::string how_to_see_all(const std::string& table, const std::string& login,
                           const std::string& role);

}  // namespace berth::worker
