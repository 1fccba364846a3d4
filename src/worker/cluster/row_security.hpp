// SPDX-License-Identifier: GPL-2.0-or-later
// Row security hides rows: with FORCE ROW LEVEL SECURITY from a table's owner
// too, so that a scrub changes none of them and an assertion sees none of them.
// Two things keep rows from being hidden from an administrator's SQL:
//
//   the state of the tables  While a policy applies to a table for who runs a
//                            script, no statement of it runs that could read or
//                            change rows, whatever it does to the setting; nor
//                            does an assertion begin, nor is anything published
//                            (require_no_filter).
//   the setting              The sessions have row_security = off, where
//                            PostgreSQL refuses a query that a policy would
//                            filter: also for what a view or a SECURITY DEFINER
//                            function does as another role.
//
// The setting alone was not enough: a DO block or a function can turn it on and
// off again within one statement. Granting the bypass to every role was
// rejected: only a superuser can do so, and the application would lose its
// policies on the servers.
//
// Where who logs in has BYPASSRLS and a script begins with RESET ROLE, policies
// still apply to what views and SECURITY DEFINER functions of the owner read.
// There a function of the database that names row_security is refused before
// an assertion. One that builds the name is not noticed.
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

// Each of these names what is PostgreSQL's with its schema, because the
// session's search_path is the script's.

// True for a statement that can neither read nor change a row, and by which a
// script gets a table or itself out of the way of policies: ALTER, DROP, SET,
// RESET and what begins and ends a transaction, without an expression in it.
bool touches_no_rows(const std::string& statement);

// A policy hides rows of a table from who the session is now.
bool policy_applies(Connection& sql);
// Throws Error(action, place, ...) with the first table of which a policy hides
// rows from who the session is now, and what to do. `login` is who the session
// logged in as, `role` whom it became.
void require_no_filter(Connection& sql, const std::string& action,
                       const std::string& place, const std::string& login,
                       const std::string& role);

// Throws Error("run", place, ...) when the session filters again.
void require_refusing(Connection& sql, const std::string& place);
// Throws Error("assert", place, ...) with the name of a function that turns
// row_security on, where a policy applies to who the session is now.
void require_no_function_filters(Connection& sql, const std::string& place);

// "public.person", quoted for SQL where it must be: the table of an error with
// SQLSTATE 42501 whose rows a policy hides from the session's role. `words` is
// what the server said; nullopt: it says so of no such table. Ends a
// transaction that the error left open.
std::optional<std::string> filtered_table(Connection& sql,
                                          const std::string& words);

// What an administrator can do about it. `login` is who the session logged in
// as, `role` whom it became; `filling`: no script of his reads it, so that only
// one before can help.
std::string how_to_see_all(const std::string& table, const std::string& login,
                           const std::string& role, bool filling = false);

}  // namespace berth::worker
