// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/script_session.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "worker/cluster/role_setting.hpp"

namespace berth::worker {
namespace {

// Excludes settings that change no result: memory, plans, logs. All other
// settings of pg_settings are compared, and must not come from a role or a
// database.
constexpr const char* kMeans =
    "category !~ '^(Autovacuum|Query Tuning|Reporting and Logging|"
    "Resource Usage|Statistics|Write-Ahead Log)' AND name NOT IN "
    "('application_name', 'client_connection_check_interval', "
    "'client_min_messages', 'log_lock_waits') ";

SessionSettings own_settings() {
  return {{"search_path", "\"$user\",public,pg_temp"},
          {"row_security", "off"},
          {"client_min_messages", "notice"},
          {"standard_conforming_strings", "on"},
          {"backslash_quote", "safe_encoding"},
          {"transform_null_equals", "off"},
          {"array_nulls", "on"},
          {"check_function_bodies", "on"},
          {"default_transaction_deferrable", "off"},
          {"default_transaction_isolation", "read committed"},
          {"default_transaction_read_only", "off"},
          {"bytea_output", "hex"},
          {"extra_float_digits", "1"},
          {"IntervalStyle", "postgres"},
          {"xmlbinary", "base64"},
          {"xmloption", "content"},
          {"statement_timeout", "0"},
          {"idle_in_transaction_session_timeout", "0"},
          {"plpgsql.check_asserts", "on"}};
}

// After an ALTER DATABASE ... SET by the dump, the source is 'database'.
void require_no_foreign_setting(Connection& sql, const ScriptTarget& target) {
  const Rows rows = sql.query(
      std::string("SELECT name, source FROM pg_settings "
                  "WHERE source IN ('database', 'user', 'database user') "
                  "AND ") + kMeans + "ORDER BY name LIMIT 1");
  if (rows.empty()) return;
  const std::string source = cell_text(rows[0][1]);
  const std::string database = target.cluster.quoted(target.database);
  const std::string login = target.cluster.quoted(login_of(target));
  const std::string whose =
      source == "database" ? "ALTER DATABASE " + database
      : source == "user"   ? "ALTER ROLE " + login
                           : "ALTER ROLE " + login + " IN DATABASE " + database;
  throw Error("begin a session of scripts on", "database " + target.database,
              cell_text(rows[0][0]) +
                  " is set for it, which SQL of a dump may have done; run as a "
                  "superuser: " + whose + " RESET " +
                  target.cluster.quoted(cell_text(rows[0][0])));
}

struct FirstWords {
  std::string first, second;
};

FirstWords first_words(const std::string& statement) {
  static constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz";
  const std::string text = lower(statement);
  const std::size_t end =
      std::min(text.find_first_not_of(kLetters), text.size());
  const std::size_t from = std::min(text.find_first_of(kLetters, end),
                                    text.size());
  return {text.substr(0, end),
          text.substr(from, text.find_first_not_of(kLetters, from) - from)};
}

// These statements change only what they name: they run no code of the
// database. SET CONSTRAINTS is excluded, because it runs deferred triggers.
bool may_change_settings(const std::string& first,
                         const std::string& statement) {
  static const std::set<std::string> known = {
      "set", "reset", "discard", "begin", "start", "rollback", "abort"};
  return known.contains(first) &&
         lower(statement).find("constraints") == std::string::npos;
}

}  // namespace

std::string login_of(const ScriptTarget& target) {
  return target.user.empty() ? target.cluster.role() : target.user;
}

Connection script_session(const ScriptTarget& target,
                          const SessionSettings& more) {
  Cluster& cluster = target.cluster;
  require_no_settings(cluster, target.user, "begin a session of scripts as");
  SessionSettings settings = own_settings();
  settings.insert(settings.end(), more.begin(), more.end());
  // The job's session name, so that a later worker ends what this one left.
  Connection sql("database " + target.database, cluster.config(),
                 cluster.own_session(), cluster.link(), target.database,
                 target.user, settings);
  sql.run("SET search_path = pg_catalog, pg_temp");
  require_no_foreign_setting(sql, target);
  sql.run("SET ROLE " + sql.identifier(target.role));
  for (const auto& [name, value] : target.settings) {
    sql.query("SELECT set_config($1, $2, false)", {name, value});
  }
  sql.take_warnings();
  return sql;
}

std::string settings_of_role(Cluster& cluster, const std::string& role) {
  const auto all = settings_of(cluster, role);
  if (all.empty()) return "";
  const RoleSetting& first = all.front();
  return first.name +
         (first.database ? " set in database " + *first.database : " set") +
         "; to undo it, run as a superuser: " + reset_of(cluster, first);
}

void require_no_settings(Cluster& cluster, const std::string& role,
                         const std::string& action) {
  if (role.empty()) return;
  const std::string one = settings_of_role(cluster, role);
  if (one.empty()) return;
  throw Error(action, "role " + role,
              "a restore_user must have no setting of its own, because SQL of "
              "a dump can write one, and it has " + one);
}

SettingsWatch::SettingsWatch(Connection& sql, const ScriptSettings& variables)
    : sql_(sql),
      not_listed_({"role", "session_authorization",
                   "plpgsql.check_asserts"}) {
  for (const Row& row : sql.query(
           std::string("SELECT name FROM pg_settings WHERE context IN "
                       "('user', 'superuser') AND ") + kMeans)) {
    names_.insert(cell_text(row[0]));
  }
  for (const auto& [name, value] : variables) {
    const std::size_t dot = name.find('.');
    not_listed_.insert(sql.identifier(name.substr(0, dot)) + "." +
                       sql.identifier(name.substr(dot + 1)));
  }
}

// Not a SELECT, after which a script's SET TRANSACTION would come too late.
SettingsWatch::Values SettingsWatch::look() const {
  Values out;
  for (const Row& row : sql_.query("SHOW ALL")) {
    const std::string name = cell_text(row[0]);
    if (names_.contains(name)) out[name] = cell_text(row[1]);
  }
  for (const std::string& name : not_listed_) {
    out[name] = cell_text(sql_.query("SHOW " + name).at(0).at(0));
  }
  return out;
}

void SettingsWatch::require_unchanged(const std::string& statement,
                                      const std::string& place) {
  const auto [first, second] = first_words(statement);
  const bool may = may_change_settings(first, statement);
  const bool for_transaction = first == "begin" || first == "start" ||
                               second == "local" || second == "transaction";
  const bool commits = first == "commit" || first == "end";
  Values now = look();
  for (const auto& [name, value] : now) {
    const auto before = now_.find(name);
    if (before == now_.end() || before->second == value) continue;
    const auto outside = outside_.find(name);
    if (may && for_transaction) {
      outside_.emplace(name, before->second);
    } else if (may || (commits && outside != outside_.end() &&
                       outside->second == value)) {
      outside_.erase(name);
    } else {
      throw Error("run", place,
                  "it has changed " + name + " without being a SET or RESET: "
                  "a trigger or a function in the database did so, and the "
                  "statements that follow could have another meaning; write a "
                  "SET, or drop that trigger or function in an earlier "
                  "script");
    }
  }
  if (!sql_.in_transaction()) outside_.clear();
  now_ = std::move(now);
}

}  // namespace berth::worker
