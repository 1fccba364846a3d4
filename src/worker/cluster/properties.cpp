// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/properties.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>

#include "base/text.hpp"
#include "worker/cluster/script.hpp"

namespace berth::worker {
namespace {

// Settings of an owner beyond these limits are not copied, and a note says so:
// a build must not run statements without end, nor use half of a value.
constexpr std::size_t kMostSettings = 1000;
constexpr std::int64_t kLongestSetting = 2000;  // bytes, with its name

// The owner, whose password is on each guest, can set all of these, and they
// cannot be told from those of an administrator. So whatever keeps a build from
// working is not copied, whoever set it.
constexpr std::int64_t kLeastConnections = 5;
constexpr double kLeastTimeout = 1000;  // ms

// A duration as in pg_db_role_setting: "5", in ms, or "5s".
double milliseconds(const std::string& value) {
  char* unit = nullptr;
  const double number = std::strtod(value.c_str(), &unit);
  while (*unit == ' ') ++unit;
  static const std::map<std::string, double> units = {
      {"us", 0.001}, {"", 1}, {"ms", 1}, {"s", 1e3}, {"min", 6e4},
      {"h", 36e5}, {"d", 864e5}};
  const auto found = units.find(unit);
  return found == units.end() ? 0 : number * found->second;
}

// The elements of a list as PostgreSQL stores it, `"a,b", public, "x""y"`;
// nullopt if it is malformed.
std::optional<std::vector<std::string>> list_elements(std::string_view list) {
  std::vector<std::string> out;
  const auto skip_blanks = [&] {
    list.remove_prefix(std::min(list.find_first_not_of(" \t\r\n\f\v"),
                                list.size()));
  };
  skip_blanks();
  if (list.empty()) return out;
  while (true) {
    std::string element;
    if (list.starts_with('"')) {
      do {  // a doubled quotation mark continues the element
        const auto end = list.find('"', 1);
        if (end == std::string_view::npos) return std::nullopt;
        element += list.substr(1, end - 1);
        list.remove_prefix(end + 1);
        if (list.starts_with('"')) element += '"';
      } while (list.starts_with('"'));
    } else {
      const auto end = std::min(list.find_first_of(", \t\r\n\f\v"),
                                list.size());
      if (end == 0) return std::nullopt;
      element = list.substr(0, end);
      list.remove_prefix(end);
    }
    out.push_back(std::move(element));
    skip_blanks();
    if (list.empty()) return out;
    if (!list.starts_with(',')) return std::nullopt;
    list.remove_prefix(1);
    skip_blanks();
  }
}

// A list (search_path) is stored as it was written and must not be quoted as
// one string. These are the lists whose elements PostgreSQL quotes (pg_dump has
// the same table); other settings, such as DateStyle, look like lists but are
// not.
std::string setting_value(Cluster& cluster, const std::string& name,
                          const std::string& value) {
  static const char* const lists[] = {
      "search_path", "session_preload_libraries", "local_preload_libraries",
      "temp_tablespaces"};
  for (const char* list : lists) {
    if (name != list) continue;
    const auto elements = list_elements(value);
    if (!elements || elements->empty()) break;
    std::string out;
    for (const std::string& element : *elements) {
      out += (out.empty() ? "" : ", ") + cluster.sql().literal(element);
    }
    return out;
  }
  return cluster.sql().literal(value);
}

// A statement to run, and what may be shown of it. SQL of a dump can set a
// setting to the value of a row, and PostgreSQL quotes it in its messages. A
// setting is therefore shown by its name and an SQLSTATE.
struct Change {
  std::string sql;
  std::string shown;  // empty: show `sql` and PostgreSQL's message
};

std::vector<Change> setting_changes(Cluster& cluster, const Database& from,
                                    const Database& to,
                                    std::vector<std::string>& problems) {
  // Cut here and not by cut_columns.hpp, because any role may write its own
  // settings.
  const std::string settings =
      "SELECT CASE WHEN setrole <> 0 THEN pg_get_userbyid(setrole) END "
      "AS whose, c COLLATE \"C\" AS setting, octet_length(c)::bigint AS size "
      "FROM pg_db_role_setting, unnest(setconfig) c WHERE setdatabase = ";
  const Rows rows = cluster.sql().query(
      settings + "$1 EXCEPT " + settings + "$2 ORDER BY whose NULLS FIRST, "
      "setting LIMIT " + std::to_string(kMostSettings + 1),
      {std::to_string(from.oid), std::to_string(to.oid)});
  if (rows.size() > kMostSettings) {
    problems.push_back("settings: there are more than " +
                       std::to_string(kMostSettings) +
                       "; only the first are copied");
  }
  std::vector<Change> out;
  for (const Row& row : rows) {
    if (out.size() == kMostSettings) break;
    const auto [name, value] = name_and_value(cell_text(row[1]));
    const std::string shown =
        "setting " + printable(name, 80) +
        (row[0] ? " of role " + printable(*row[0], 80) : "");
    const auto size = static_cast<std::size_t>(cell_number(row[2]));
    if (size > kLongestSetting || size != cell_text(row[1]).size()) {
      problems.push_back(shown + ": it is " +
                         (size > kLongestSetting
                              ? "longer than " +
                                    std::to_string(kLongestSetting) + " bytes"
                              : "not valid UTF-8"));
      continue;
    }
    if (const auto why = what_it_breaks(name, value); !why.empty()) {
      problems.push_back(shown + ": " + why);
      continue;
    }
    const std::string whose =
        row[0] ? "ALTER ROLE " + cluster.quoted(*row[0]) + " IN DATABASE "
               : "ALTER DATABASE ";
    out.push_back({whose + cluster.quoted(to.name) + " " +
                       set_clause(cluster, name, value),
                   shown});
  }
  return out;
}

// The owner's own privileges are left out: the next owner has them anyway.
std::string grants_of(const std::string& oid) {
  std::string sql =
      "SELECT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END, "
      "a.privilege_type, a.is_grantable FROM pg_database d, "
      "aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a "
      "WHERE a.grantee <> d.datdba AND d.oid = ";
  sql.append(oid);
  return sql;
}

std::vector<std::string> grant_statements(Cluster& cluster,
                                          const std::optional<Database>& from,
                                          const Database& to) {
  // Without a database to copy from: what PUBLIC may do on a new database.
  const std::string wanted =
      from ? grants_of("$1")
           : "SELECT NULL::name, a.privilege_type, a.is_grantable "
             "FROM pg_database d, aclexplode(acldefault('d', d.datdba)) a "
             "WHERE a.grantee = 0 AND d.oid = $1";
  const std::vector<Cell> oids = {std::to_string(from ? from->oid : to.oid),
                                  std::to_string(to.oid)};
  const std::string has = grants_of("$2");
  const Rows rows = cluster.sql().query(
      "SELECT 1 AS o, * FROM (" + has + " EXCEPT " + wanted + ") r UNION ALL "
      "SELECT 2, * FROM (" + wanted + " EXCEPT " + has + ") g ORDER BY o",
      oids);
  std::vector<std::string> out;
  const std::string on = " ON DATABASE " + cluster.quoted(to.name);
  for (const Row& row : rows) {
    const std::string who = row[1] ? cluster.quoted(*row[1]) : "PUBLIC";
    // aclexplode returns the keywords CONNECT, CREATE and TEMPORARY.
    const std::string what = row[2].value_or("") + on;
    if (row[0] == Cell("1")) {
      out.push_back("REVOKE " + what + " FROM " + who);
    } else {
      out.push_back("GRANT " + what + " TO " + who +
                    (row[3] == Cell("t") ? " WITH GRANT OPTION" : ""));
    }
  }
  return out;
}

}  // namespace

std::string what_it_breaks(const std::string& name, const std::string& value) {
  if (name == "default_transaction_read_only" ||
      name == "transaction_read_only") {
    return "a build must be able to write";
  }
  if (name == "role" || name == "session_authorization") {
    return "sessions would run as another role";
  }
  if (name == "local_preload_libraries") {
    return "no session could begin without these libraries";
  }
  if (name.ends_with("_timeout") && milliseconds(value) != 0 &&
      milliseconds(value) < kLeastTimeout) {
    return "it is shorter than 1 s";
  }
  return "";
}

std::string what_it_breaks(std::int64_t connection_limit) {
  if (connection_limit < 0 || connection_limit >= kLeastConnections) return "";
  return "a build needs at least " + std::to_string(kLeastConnections);
}

std::pair<std::string, std::string> name_and_value(const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos) return {setting, ""};
  return {setting.substr(0, equals), setting.substr(equals + 1)};
}

std::string setting_identifier(Cluster& cluster, const std::string& name) {
  // A custom setting contains a dot, and each part is quoted as a name.
  std::string out;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t dot = std::min(name.find('.', at), name.size());
    if (!out.empty()) out += ".";
    out += cluster.quoted(name.substr(at, dot - at));
    at = dot + 1;
  }
  return out;
}

std::string set_clause(Cluster& cluster, const std::string& name,
                       const std::string& value) {
  return "SET " + setting_identifier(cluster, name) + " TO " +
         setting_value(cluster, name, value);
}

std::vector<std::string> take_over_properties(
    Cluster& cluster, const std::optional<Database>& from,
    const Database& to) {
  std::vector<Change> changes;
  std::vector<std::string> problems;
  if (from) changes = setting_changes(cluster, *from, to, problems);
  for (auto& sql : grant_statements(cluster, from, to)) {
    changes.push_back({std::move(sql), ""});
  }
  const std::int64_t limit = from ? from->connection_limit : -1;
  if (const auto why = what_it_breaks(limit); !why.empty()) {
    problems.push_back("CONNECTION LIMIT " + std::to_string(limit) + ": " +
                       why);
  } else if (limit >= 0 && limit != to.connection_limit) {
    changes.push_back({"ALTER DATABASE " + cluster.quoted(to.name) +
                           " CONNECTION LIMIT " + std::to_string(limit),
                       ""});
  }
  for (const auto& [sql, shown] : changes) {
    try {
      cluster.sql().run(sql);
      for (const auto& warning : cluster.sql().take_warnings()) {
        problems.push_back(shown.empty() ? sql + ": " + warning
                                         : shown + ": copied, but PostgreSQL "
                                                   "warns about it");
      }
    } catch (const SqlError& e) {
      problems.push_back(shown.empty()
                             ? sql + ": " + e.cause()
                             : shown + ": SQLSTATE " +
                                   sqlstate_text(e.sqlstate()));
    }
  }
  return problems;
}

}  // namespace berth::worker
