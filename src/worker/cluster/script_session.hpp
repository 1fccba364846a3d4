// SPDX-License-Identifier: GPL-2.0-or-later
// The session in which an administrator's scripts run, and the protection
// against a dump that changes the meaning of their statements.
//
//   at its start   Settings with one sane value are Berth's, for example:
//                  search_path is "$user", public, pg_temp, so that no
//                  temporary table takes the place of another; row_security is
//                  off; standard_conforming_strings is on. They are sent with
//                  the first message, so that settings of a role or a database
//                  do not change them, and RESET returns to them. The rest is
//                  the server's. A setting of the role or the database itself
//                  is an error unless it concerns memory, plans or logs,
//                  because SQL in a dump can write it (ALTER ROLE ... SET).
//   between two statements
//                  SettingsWatch compares the present values of all settings
//                  with the previous ones: only a SET or RESET of the script
//                  itself may change them. A set_config() in a trigger fails
//                  the script.
//
// A restore_user must have no setting of its own, in no database; that is
// checked before each session and needs no record of an earlier state.
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

// A session for scripts, except that its search_path is pg_catalog until RESET
// search_path. It begins with `more` settings as well. Throws Error if the role
// or the database has settings that would apply to it.
Connection script_session(const ScriptTarget& target,
                          const SessionSettings& more = {});

// "search_path set; to undo it, run as a superuser: ALTER ROLE ...": the first
// setting of a role, in any database, without its value; empty: it has none.
std::string settings_of_role(Cluster& cluster, const std::string& role);
// Throws Error(action, ...) unless settings_of_role() is empty. Does nothing if
// `role` is empty, because Berth's own role may have settings.
void require_no_settings(Cluster& cluster, const std::string& role,
                         const std::string& action);

class SettingsWatch {
 public:
  // To be constructed while search_path is pg_catalog. `variables`: names and
  // values of set_config().
  SettingsWatch(Connection& sql, const ScriptSettings& variables);
  void begin() { now_ = look(); }
  // To be called after `statement`. Throws Error("run", `place`, ...) with the
  // name of the setting.
  void require_unchanged(const std::string& statement,
                         const std::string& place);

 private:
  using Values = std::map<std::string, std::string>;
  Values look() const;

  Connection& sql_;
  std::set<std::string> names_;       // to be compared in SHOW ALL
  std::set<std::string> not_listed_;  // missing there; quoted for SQL
  Values now_;
  // The values that return when the open transaction ends, after SET LOCAL.
  Values outside_;
};

}  // namespace berth::worker
