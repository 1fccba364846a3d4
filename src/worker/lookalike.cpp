// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/lookalike.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::worker {
namespace {

// Each of these names what is PostgreSQL's with its schema, because the
// session's search_path is the script's. `o` is a row of %c, `s` its schema's;
// %n and %s name its columns of name and schema, %types are its arguments'.
constexpr const char* kLookalike =
    "o.oid OPERATOR(pg_catalog.>=) 16384 "
    "AND s.nspname OPERATOR(pg_catalog.=) ANY (pg_catalog.current_schemas(true)) "
    "AND s.nspname OPERATOR(pg_catalog.<>) 'pg_catalog' "
    "AND EXISTS (SELECT 1 FROM %c p WHERE p.%s OPERATOR(pg_catalog.=) 11 "
    "AND p.%n OPERATOR(pg_catalog.=) o.%n) "
    "AND NOT EXISTS (SELECT 1 FROM %c p WHERE p.%s OPERATOR(pg_catalog.=) 11 "
    "AND p.%n OPERATOR(pg_catalog.=) o.%n AND %same) "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.classid OPERATOR(pg_catalog.=) '%c'::pg_catalog.regclass "
    "AND d.objid OPERATOR(pg_catalog.=) o.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'e') "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type y "
    "WHERE y.oid OPERATOR(pg_catalog.=) ANY (%types) "
    "AND y.oid OPERATOR(pg_catalog.>=) 16384 "
    "AND y.typtype OPERATOR(pg_catalog.<>) 'd' "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.classid OPERATOR(pg_catalog.=) "
    "'pg_catalog.pg_type'::pg_catalog.regclass "
    "AND d.objid OPERATOR(pg_catalog.=) y.oid "
    "AND d.deptype OPERATOR(pg_catalog.=) 'e')) ";

std::string condition(
    const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out = kLookalike;
  for (const auto& [place, value] : values) {
    for (auto at = out.find(place); at != std::string::npos;
         at = out.find(place, at + value.size())) {
      out.replace(at, place.size(), value);
    }
  }
  return out;
}

const std::string& operators() {
  static const std::string sql =
      "SELECT pg_catalog.format('%I.%s (%s, %s)', s.nspname, o.oprname, "
      "CASE WHEN o.oprleft OPERATOR(pg_catalog.<>) 0 "
      "THEN pg_catalog.format_type(o.oprleft, NULL) ELSE 'NONE' END, "
      "pg_catalog.format_type(o.oprright, NULL)) "
      "FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace s "
      "ON s.oid OPERATOR(pg_catalog.=) o.oprnamespace WHERE " +
      condition({{"%same",
                  "p.oprleft OPERATOR(pg_catalog.=) o.oprleft AND "
                  "p.oprright OPERATOR(pg_catalog.=) o.oprright"},
                 {"%types", "ARRAY[o.oprleft, o.oprright]"},
                 {"%c", "pg_catalog.pg_operator"},
                 {"%n", "oprname"},
                 {"%s", "oprnamespace"}}) +
      "ORDER BY 1 LIMIT 1";
  return sql;
}

// $1: the statement. A name behind pg_catalog. is PostgreSQL's. No backslash:
// a script may turn standard_conforming_strings off.
const std::string& functions() {
  static const std::string sql =
      "SELECT pg_catalog.format('%I.%I(%s)', s.nspname, o.proname, "
      "pg_catalog.pg_get_function_identity_arguments(o.oid)) "
      "FROM pg_catalog.pg_proc o JOIN pg_catalog.pg_namespace s "
      "ON s.oid OPERATOR(pg_catalog.=) o.pronamespace WHERE " +
      condition({{"%same", "p.proargtypes OPERATOR(pg_catalog.=) "
                           "o.proargtypes"},
                 {"%types", "o.proargtypes"},
                 {"%c", "pg_catalog.pg_proc"},
                 {"%n", "proname"},
                 {"%s", "pronamespace"}}) +
      "AND $1 OPERATOR(pg_catalog.~*) "
      "pg_catalog.concat('(?<!pg_catalog[.])[[:<:]]', o.proname, "
      "'\"?[[:space:]]*[(]') "
      "ORDER BY 1 LIMIT 1";
  return sql;
}

bool takes_one_away(const std::string& statement) {
  const std::string front = lower(statement.substr(0, 40));
  static const char* const fronts[] = {"drop ", "create schema ",
                                       "alter operator ",
                                       "alter function "};
  return std::any_of(std::begin(fronts), std::end(fronts),
                     [&](const char* f) { return front.starts_with(f); });
}

}  // namespace

void require_no_lookalike(Connection& sql, const std::string& action,
                          const std::string& place,
                          const std::string& statement) {
  if (takes_one_away(statement)) return;
  std::string found, kind = "OPERATOR";
  if (const Rows rows = sql.query(operators()); !rows.empty()) {
    found = cell_text(rows[0][0]);
  } else if (const Rows all = sql.query(functions(), {statement});
             !all.empty()) {
    found = cell_text(all[0][0]);
    kind = "FUNCTION";
  } else {
    return;
  }
  throw Error(action, place,
              lower(kind) + " " + found +
                  " of the dump has the name of PostgreSQL's own and would be "
                  "taken for it where its types fit better; " +
                  (kind == "FUNCTION"
                       ? "write pg_catalog. before the name, or "
                       : "") +
                  "move it out of search_path in a script before (ALTER " +
                  kind + " " + found + " SET SCHEMA ...)");
}

}  // namespace berth::worker
