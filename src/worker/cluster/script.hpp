// SPDX-License-Identifier: GPL-2.0-or-later
// The admin's SQL: scrub/APP/NN-name.sql and NN-name.assert.sql of a refresh,
// claim/APP/NN-name.sql of a build, run in a database that nobody uses yet.
//
// Each file gets a connection of its own, as the role that owns the data, with
// the variables as session settings: current_setting('berth.server'). They go
// there through set_config($1, $2), so nothing is ever pasted into SQL. Each
// statement is one message and, unless the file says BEGIN, one transaction;
// the first that fails ends it all. `COPY ... FROM STDIN` is refused, because
// the rows would have to be in the file, and so are psql's own commands. An
// assertion's statements can change nothing, and each must return no row.
//
// Row security hides no row from them: while a policy would, no statement runs
// that could read or change rows, whatever it does to row_security
// (row_security.hpp).
//
// The session's settings are ours and the server's; only a script's own SET
// changes them (script_session.hpp).
//
// What lies in the database is the dump's: a trigger that a script fires can
// RESET ROLE, and then is who logged in until its statement ends. No statement
// follows it.
//
// The report is told file, line, the command's tag with its count ("UPDATE
// 120000") and milliseconds; of an error, file, line and SQLSTATE. What the
// server said in full goes to the private log, and so do notices.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/config.hpp"
#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

struct Script {
  std::string name;  // "scrub/shop/10-mail.sql"
  std::string text;
  bool assertion = false;
};

// The files of KIND/APP beside berth.conf, by number; of one number, scripts
// before assertions. Empty when there is no such folder. Throws Error for a
// name of another form (but README, .x and x~), for what is no regular file of
// root's or ours, may be written by group or others, is no UTF-8 or has more
// than 4 MiB.
std::vector<Script> read_scripts(const std::string& config_folder,
                                 const std::string& kind,
                                 const std::string& application);

using ScriptSettings = std::vector<std::pair<std::string, std::string>>;

struct ScriptFacts {
  std::string server;      // empty: a refresh
  std::string generation;
  std::int64_t job = 0;
};

// berth.application, .server, .url, .generation, .job, and .set_NAME for each
// `set` value: NAME in lower case, what no setting's name may have as `_`.
// Throws Error when two become one.
ScriptSettings script_settings(const ApplicationConfig& application,
                               const ScriptFacts& facts);

class RoleWatch;

struct ScriptTarget {
  Cluster& cluster;      // gives address and the sessions' name
  std::string database;
  std::string user;      // who logs in; empty: berth
  std::string role;      // who owns the data
  ScriptSettings settings;
  std::string step;      // of the private log's lines
  // Nothing of which has changed when a script begins; nullptr: not watched.
  const RoleWatch* roles = nullptr;
};

// Who logs in.
std::string login_of(const ScriptTarget& target);

// Throws Error(action, ...) while a policy would hide rows both from the role
// that scripts run as and from who logs in: before assertions, and before what
// scripts have changed is published.
void require_scripts_see_all(const ScriptTarget& target,
                             const std::string& action);

// Throws Error for the first statement that fails or returns what it must not,
// Away when the server goes, Interrupted after the statement has been ended.
void run_scripts(const std::vector<Script>& scripts,
                 const ScriptTarget& target, Report& report,
                 PrivateLog& in_full, Deadline deadline);

// "23505 (unique_violation)": for people, of the codes a script meets.
std::string sqlstate_text(const std::string& sqlstate);

}  // namespace berth::worker
