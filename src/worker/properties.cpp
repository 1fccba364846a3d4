// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/properties.hpp"

namespace berth::worker {
namespace {

// pg_db_role_setting keeps "name=value". A list (search_path) is kept as it
// was written and must not be quoted as one string.
std::string setting_value(Cluster& cluster, const std::string& name,
                          const std::string& value) {
  static const char* const lists[] = {
      "search_path", "session_preload_libraries", "local_preload_libraries",
      "temp_tablespaces", "DateStyle"};
  for (const char* list : lists) {
    if (name != list) continue;
    // Each element is quoted again as the literal it is.
    const Rows rows = cluster.sql().query(
        "SELECT string_agg(quote_literal(trim(both '\"' from trim(e))), ', ') "
        "FROM unnest(string_to_array($1, ',')) e", {value});
    return rows.at(0).at(0).value_or("''");
  }
  return cluster.sql().literal(value);
}

std::vector<std::string> setting_statements(Cluster& cluster,
                                            const Database& from,
                                            const std::string& to) {
  const Rows rows = cluster.sql().query(
      "SELECT CASE WHEN setrole <> 0 THEN pg_get_userbyid(setrole) END, "
      "split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) "
      "FROM pg_db_role_setting, unnest(setconfig) c WHERE setdatabase = $1",
      {std::to_string(from.oid)});
  std::vector<std::string> out;
  for (const Row& row : rows) {
    const std::string name = row[1].value_or("");
    // A custom setting has a dot, and each part is a name of its own.
    std::string quoted;
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t dot = std::min(name.find('.', at), name.size());
      if (!quoted.empty()) quoted += ".";
      quoted += cluster.quoted(name.substr(at, dot - at));
      at = dot + 1;
    }
    const std::string whose =
        row[0] ? "ALTER ROLE " + cluster.quoted(*row[0]) + " IN DATABASE "
               : "ALTER DATABASE ";
    out.push_back(whose + cluster.quoted(to) + " SET " + quoted + " TO " +
                  setting_value(cluster, name, row[2].value_or("")));
  }
  return out;
}

std::vector<std::string> grant_statements(Cluster& cluster,
                                          const Database& from,
                                          const std::string& to) {
  const Rows rows = cluster.sql().query(
      "SELECT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END, "
      "a.privilege_type, a.is_grantable FROM pg_database d, "
      "aclexplode(d.datacl) a WHERE d.oid = $1", {std::to_string(from.oid)});
  const Rows whether = cluster.sql().query(
      "SELECT datacl IS NULL FROM pg_database WHERE oid = $1",
      {std::to_string(from.oid)});
  std::vector<std::string> out;
  if (whether.empty() || whether[0][0] == Cell("t")) return out;  // as created
  const std::string on = " ON DATABASE " + cluster.quoted(to);
  out.push_back("REVOKE ALL" + on + " FROM PUBLIC");
  for (const Row& row : rows) {
    const std::string who = row[0] ? cluster.quoted(*row[0]) : "PUBLIC";
    // The words come from aclexplode: CONNECT, CREATE, TEMPORARY.
    out.push_back("GRANT " + row[1].value_or("") + on + " TO " + who +
                  (row[2] == Cell("t") ? " WITH GRANT OPTION" : ""));
  }
  return out;
}

}  // namespace

std::vector<std::string> take_over_properties(Cluster& cluster,
                                              const Database& from,
                                              const std::string& to) {
  std::vector<std::string> statements = setting_statements(cluster, from, to);
  for (auto& s : grant_statements(cluster, from, to)) {
    statements.push_back(std::move(s));
  }
  if (from.connection_limit >= 0) {
    statements.push_back("ALTER DATABASE " + cluster.quoted(to) +
                         " CONNECTION LIMIT " +
                         std::to_string(from.connection_limit));
  }
  std::vector<std::string> problems;
  for (const std::string& sql : statements) {
    try {
      cluster.sql().run(sql);
      for (const auto& warning : cluster.sql().take_warnings()) {
        problems.push_back(sql + ": " + warning);
      }
    } catch (const SqlError& e) {
      problems.push_back(sql + ": " + e.cause());
    }
  }
  return problems;
}

}  // namespace berth::worker
