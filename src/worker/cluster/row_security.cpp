// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/row_security.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::worker {
namespace {

// Whether `words` contain `name` as a whole: `name` may be part of another
// name.
bool quotes_name(const std::string& words, const std::string& name) {
  for (std::size_t at = words.find(name); at != std::string::npos;
       at = words.find(name, at + 1)) {
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             (c >= '0' && c <= '9') || c == '_';
    };
    const std::size_t end = at + name.size();
    if ((at == 0 || !plain(words[at - 1])) &&
        (end == words.size() || !plain(words[end]))) {
      return true;
    }
  }
  return false;
}

struct Filtered {
  std::string name;   // without its schema
  std::string shown;  // "public.person", quoted for SQL
  bool owned = false;  // by the session's role or one that it is a member of
};

std::vector<Filtered> filtered_tables(Connection& sql) {
  std::vector<Filtered> out;
  for (const Row& row : sql.query(
           "SELECT c.relname, pg_catalog.format('%I.%I', n.nspname, "
           "c.relname), pg_catalog.pg_has_role(c.relowner, 'USAGE') "
           "FROM pg_catalog.pg_class c "
           "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
           "c.relnamespace "
           "WHERE c.relrowsecurity AND pg_catalog.row_security_active(c.oid) "
           "ORDER BY 2 LIMIT 10000")) {
    out.push_back({cell_text(row[0]), cell_text(row[1]), cell_yes(row[2])});
  }
  return out;
}

}  // namespace

bool touches_no_rows(const std::string& statement) {
  static const char* const known[] = {
      "alter", "drop",   "set",      "reset",     "show",    "begin",
      "start", "commit", "rollback", "savepoint", "release", "end"};
  const std::string first =
      lower(statement.substr(0, statement.find_first_of(" \t\r\n;\"'/-")));
  // A parenthesis calls a function or casts; USING contains an expression for
  // each row (ALTER TABLE ... TYPE), with operators.
  return lower(statement).find("using") == std::string::npos &&
         statement.find_first_of("(:") == std::string::npos &&
         std::find(std::begin(known), std::end(known), first) !=
             std::end(known);
}

bool policy_applies(Connection& sql) { return !filtered_tables(sql).empty(); }

void require_no_filter(Connection& sql, const std::string& action,
                       const std::string& place, const std::string& login,
                       const std::string& role) {
  const auto tables = filtered_tables(sql);
  if (tables.empty()) return;
  const Filtered& table = tables.front();
  const std::string more =
      tables.size() == 1
          ? ""
          : "; " + std::to_string(tables.size() - 1) + " other tables have one";
  if (table.owned) {
    throw Error(action, place, how_to_see_all(table.shown, login, role) + more);
  }
  throw Error(action, place,
              "a policy of " + table.shown + " would hide rows from " + role +
                  ", which does not own it; write RESET ROLE; ALTER TABLE " +
                  table.shown + " OWNER TO " + sql.identifier(role) +
                  " in an earlier script" + more);
}

void require_refusing(Connection& sql, const std::string& place) {
  // Not a SELECT, after which a script's SET TRANSACTION would come too late.
  if (sql.query("SHOW row_security").at(0).at(0) == Cell("off")) return;
  throw Error("run", place,
              "row_security is on afterwards, and policies would hide rows "
              "from the statements that follow; leave row_security off");
}

void require_no_function_filters(Connection& sql, const std::string& place) {
  if (!policy_applies(sql)) return;
  const Rows rows = sql.query(
      "SELECT pg_catalog.format('%I.%I(%s)', n.nspname, p.proname, "
      "pg_catalog.pg_get_function_identity_arguments(p.oid)) "
      "FROM pg_catalog.pg_proc p "
      "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
      "p.pronamespace "
      "WHERE p.oid OPERATOR(pg_catalog.>=) 16384 AND (p.prosrc "
      "OPERATOR(pg_catalog.~*) 'row_security' OR EXISTS (SELECT 1 FROM "
      "pg_catalog.unnest(p.proconfig) s "
      "WHERE pg_catalog.lower(s) OPERATOR(pg_catalog.~) "
      "'^row_security=(on|t|tr|tru|true|y|ye|yes|1)$')) "
      "ORDER BY 1 LIMIT 1");
  if (rows.empty()) return;
  throw Error("assert", place,
              "function " + cell_text(rows[0][0]) +
                  " sets row_security, so an assertion that calls it might "
                  "not see every row; write ALTER FUNCTION " +
                  cell_text(rows[0][0]) +
                  " RESET row_security in an earlier script, or drop it");
}

std::optional<std::string> filtered_table(Connection& sql,
                                          const std::string& words) {
  if (sql.in_transaction()) sql.run("ROLLBACK");
  for (const Filtered& table : filtered_tables(sql)) {
    if (quotes_name(words, table.name)) return table.shown;
  }
  return std::nullopt;
}

std::string how_to_see_all(const std::string& table, const std::string& login,
                           const std::string& role, bool filling) {
  return "a policy of " + table + " would hide rows from " + role +
         "; write ALTER TABLE " + table +
         " NO FORCE ROW LEVEL SECURITY in " +
         (filling ? "a script"
                  : "an earlier script, or give " + login +
                        " BYPASSRLS and begin this script with RESET ROLE");
}

}  // namespace berth::worker
