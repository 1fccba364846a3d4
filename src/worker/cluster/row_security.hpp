// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps row security from hiding rows from an administrator's SQL. With FORCE
// ROW LEVEL SECURITY it hides them from a table's owner too, so that a scrub
// changes none of them and an assertion sees none of them. There are two
// safeguards:
//
//   the state of the tables  While a policy applies to a table for the role
//                            that runs a script, no statement of the script
//                            runs that could read or change rows, whatever it
//                            does to the setting; nor does an assertion begin,
//                            nor is anything published (require_no_filter).
//   the setting              The sessions have row_security = off, with which
//                            PostgreSQL refuses a query that a policy would
//                            filter, also if a view or a SECURITY DEFINER
//                            function runs it as another role.
//
// The setting alone is not enough: a DO block or a function can turn it on and
// off again within one statement. Granting every role the bypass was rejected:
// only a superuser can do so, and the application would lose its policies on
// the servers.
//
// If the login role has BYPASSRLS and a script begins with RESET ROLE, policies
// still apply to what views and SECURITY DEFINER functions of the owner read.
// In that case a function of the database that names row_security is refused
// before an assertion. A function that assembles the name is not detected.
//
// Use:  require_no_filter(sql, "run", "scrub/shop/10-a.sql:2", login, role);
//       ... a statement ...
//       require_refusing(sql, "scrub/shop/10-a.sql:2");
//       on SQLSTATE 42501: filtered_table(sql, words)
#pragma once

#include <optional>
#include <string>

#include "worker/cluster/connection.hpp"

namespace berth::worker {

// The queries of these functions qualify every name of PostgreSQL with its
// schema, because the session's search_path is the script's.

// True for a statement that can neither read nor change a row, and with which a
// script removes an obstacle to itself: ALTER, DROP, SET, RESET and the
// statements that begin and end a transaction, without an expression.
bool touches_no_rows(const std::string& statement);

// Whether a policy hides rows of a table from the session's current role.
bool policy_applies(Connection& sql);
// Throws Error(action, place, ...) with the first table of which a policy hides
// rows from the session's current role, and what to do. `login` is the role
// that the session logged in as, `role` the one that it changed to.
void require_no_filter(Connection& sql, const std::string& action,
                       const std::string& place, const std::string& login,
                       const std::string& role);

// Throws Error("run", place, ...) if the session filters rows again.
void require_refusing(Connection& sql, const std::string& place);
// Throws Error("assert", place, ...) with the name of a function that turns
// row_security on, if a policy applies to the session's current role.
void require_no_function_filters(Connection& sql, const std::string& place);

// The table of an error with SQLSTATE 42501, as "public.person", quoted for SQL
// if necessary, if a policy hides its rows from the session's role. `words` is
// the server's message; nullopt: it names no such table. Ends a transaction
// that the error left open.
std::optional<std::string> filtered_table(Connection& sql,
                                          const std::string& words);

// What an administrator can do about it. `login` and `role` as above;
// `filling`: the table is read by Berth, so only a script that ran before can
// help.
std::string how_to_see_all(const std::string& table, const std::string& login,
                           const std::string& role, bool filling = false);

}  // namespace berth::worker
