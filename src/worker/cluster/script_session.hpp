// SPDX-License-Identifier: GPL-2.0-or-later
// The session that an administrator's scripts run in, and what keeps a dump
// from changing what their statements mean.
//
//   at its start   Settings with one sane value are ours: search_path is
//                  "$user", public, pg_temp, so that no temporary table takes
//                  the place of another, row_security is off, and
//                  standard_conforming_strings on, for example. They go with
//                  the first message, so that neither a role's nor a database's
//                  settings change them, and RESET returns to them. The rest is
//                  the server's. What a role or database has of its own is an
//                  error unless it concerns memory, plans or logs: SQL in a
//                  dump can write it (ALTER ROLE ... SET).
//   between two    SettingsWatch compares what all settings are now with what
//   statements     they were: only a SET or RESET of the script itself may
//                  change them. A trigger's set_config() fails the script.
//
// A restore_user has no setting of its own, in no database; that is checked
// before each session. It needs no memory of what was before.
//
// Use:  Connection sql = script_session(target);
//       SettingsWatch settings(sql, target.settings);
//       sql.run("RESET search_path");
//       settings.begin();
//       ... a statement ...
//       settings.require_unchanged(statement, "scrub/shop/10-a.sql:2");
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "worker/cluster/script.hpp"

namespace berth::worker {

// A session as the scripts have it, but for search_path, which is pg_catalog's
// until RESET search_path. It begins with `more` settings. Throws Error for
// settings of a role or of the database that would reach it.
Connection script_session(const ScriptTarget& target,
                          const SessionSettings& more = {});

// "search_path set; to undo it, run as a superuser: ALTER ROLE ...": the
// settings of a role, in whatever database, the first of them, without its
// value; empty: none.
std::string settings_of_role(Cluster& cluster, const std::string& role);
// Throws Error(action, ...) unless settings_of_role() is empty. `role` empty:
// does nothing, because Berth's own role may have some.
void require_no_settings(Cluster& cluster, const std::string& role,
                         const std::string& action);

class SettingsWatch {
 public:
  // While search_path is pg_catalog's. `variables`: names and values of
  // set_config().
  SettingsWatch(Connection& sql, const ScriptSettings& variables);
  void begin() { now_ = look(); }
  // After `statement`. Throws Error("run", `place`, ...) by the setting's name.
  void require_unchanged(const std::string& statement,
                         const std::string& place);

 private:
  using Values = std::map<std::string, std::string>;
  Values look() const;

  Connection& sql_;
  std::set<std::string> names_;       // of those in SHOW ALL
  std::set<std::string> not_listed_;  // there; quoted for SQL
  Values now_;
  // What the end of the open transaction gives back, where it was SET LOCAL.
  Values outside_;
};

}  // namespace berth::worker
