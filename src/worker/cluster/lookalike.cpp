// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/lookalike.hpp"

#include <algorithm>
#include <sstream>

#include "base/text.hpp"

namespace berth::worker {
namespace {

// These queries qualify every name of PostgreSQL with its schema, because the
// session's search_path is the script's. They contain no backslash, because a
// script may turn standard_conforming_strings off. 11 is the OID of pg_catalog.
// Names of arguments are not shown: SQL of a dump can take one from a row.

constexpr const char* kOperator =
    "SELECT pg_catalog.format('%I.%s (%s, %s)', s.nspname, o.oprname, "
    "CASE WHEN o.oprleft OPERATOR(pg_catalog.<>) 0 "
    "THEN pg_catalog.format_type(o.oprleft, NULL) ELSE 'NONE' END, "
    "CASE WHEN o.oprright OPERATOR(pg_catalog.<>) 0 "
    "THEN pg_catalog.format_type(o.oprright, NULL) ELSE 'NONE' END) "
    "FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_namespace s "
    "ON s.oid OPERATOR(pg_catalog.=) o.oprnamespace "
    "JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) o.oprowner "
    "WHERE NOT r.rolsuper "
    "AND s.nspname OPERATOR(pg_catalog.=) "
    "ANY (pg_catalog.current_schemas(true)) "
    "AND EXISTS (SELECT 1 FROM pg_catalog.pg_operator p "
    "WHERE p.oprnamespace OPERATOR(pg_catalog.=) 11 "
    "AND p.oprname OPERATOR(pg_catalog.=) o.oprname) "
    "ORDER BY 1 LIMIT 1";

// $1: the statement. A name after `pg_catalog.` is PostgreSQL's. Any occurrence
// counts, called or not, because a comment may precede the parenthesis.
constexpr const char* kFunction =
    "SELECT pg_catalog.format('%I.%I(%s)', s.nspname, o.proname, "
    "pg_catalog.oidvectortypes(o.proargtypes)) "
    "FROM pg_catalog.pg_proc o JOIN pg_catalog.pg_namespace s "
    "ON s.oid OPERATOR(pg_catalog.=) o.pronamespace "
    "JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) o.proowner "
    "WHERE NOT r.rolsuper AND o.prokind OPERATOR(pg_catalog.<>) 'p' "
    "AND s.nspname OPERATOR(pg_catalog.=) "
    "ANY (pg_catalog.current_schemas(true)) "
    "AND EXISTS (SELECT 1 FROM pg_catalog.pg_proc p "
    "WHERE p.pronamespace OPERATOR(pg_catalog.=) 11 "
    "AND p.proname OPERATOR(pg_catalog.=) o.proname) "
    "AND $1 OPERATOR(pg_catalog.~*) "
    "pg_catalog.concat('(?<!pg_catalog[.])(?<!pg_catalog[.]\")[[:<:]]', "
    "o.proname, '[[:>:]]') "
    "ORDER BY 1 LIMIT 1";

// The creator of a cast owns one of its types but not necessarily its function:
// a cast may call a function of PostgreSQL that ignores the value. A cast
// between base types is used only when it is named, unless it is implicit. WITH
// INOUT is what PostgreSQL does without any cast.
constexpr const char* kCast =
    "SELECT pg_catalog.format('(%s AS %s)', "
    "pg_catalog.format_type(c.castsource, NULL), "
    "pg_catalog.format_type(c.casttarget, NULL)) FROM pg_catalog.pg_cast c "
    "JOIN pg_catalog.pg_type y ON y.oid OPERATOR(pg_catalog.=) c.castsource "
    "AND (y.typtype OPERATOR(pg_catalog.<>) 'b' "
    "OR c.castcontext OPERATOR(pg_catalog.=) 'i') "
    "JOIN pg_catalog.pg_type z ON z.oid OPERATOR(pg_catalog.=) c.casttarget "
    "WHERE c.castfunc OPERATOR(pg_catalog.<>) 0 "
    "AND EXISTS (SELECT 1 FROM pg_catalog.pg_roles r WHERE NOT r.rolsuper "
    "AND (r.oid OPERATOR(pg_catalog.=) y.typowner "
    "OR r.oid OPERATOR(pg_catalog.=) z.typowner)) ORDER BY 1 LIMIT 1";

bool takes_one_away(const std::string& statement) {
  std::istringstream words(lower(statement.substr(0, 200)));
  std::string verb, what;
  words >> verb >> what;
  static const char* const alters[] = {"operator", "function", "aggregate",
                                       "routine"};
  return verb == "drop" || (verb == "create" && what == "schema") ||
         (verb == "alter" && std::find(std::begin(alters), std::end(alters),
                                       what) != std::end(alters));
}

std::string first(const Rows& rows) {
  return rows.empty() ? "" : cell_text(rows[0][0]);
}

}  // namespace

void require_no_lookalike(Connection& sql, const std::string& action,
                          const std::string& place,
                          const std::string& statement) {
  if (takes_one_away(statement)) return;
  const std::string taken =
      " of the dump has the name of one of PostgreSQL's and replaces it where "
      "its types fit better; ";
  const auto move = [](const std::string& what) {
    return "move it out of search_path in an earlier script (ALTER " + what +
           " SET SCHEMA ...)";
  };
  if (const std::string o = first(sql.query(kOperator)); !o.empty()) {
    throw Error(action, place, "operator " + o + taken + move("OPERATOR " + o));
  }
  if (const std::string f = first(sql.query(kFunction, {statement}));
      !f.empty()) {
    throw Error(action, place,
                "function " + f + taken + move("FUNCTION " + f) +
                    ", or write pg_catalog. before its name where "
                    "PostgreSQL's is meant");
  }
  if (const std::string c = first(sql.query(kCast)); !c.empty()) {
    throw Error(action, place,
                "the dump has a cast " + c + ", which changes how those "
                "values are read; write DROP CAST " + c +
                    " in an earlier script");
  }
}

}  // namespace berth::worker
