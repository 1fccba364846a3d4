// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the administrator's SQL: scrub/APP/NN-name.sql and NN-name.assert.sql in
// a refresh, claim/APP/NN-name.sql in a build, in a database that nobody uses
// yet.
//
// Each file gets a connection of its own, as the role that owns the data, with
// the variables as session settings: current_setting('berth.server'). They are
// set with set_config($1, $2), so nothing is ever pasted into SQL. Each
// statement is one message and, unless the file says BEGIN, one transaction;
// the first that fails ends the run. `COPY ... FROM STDIN` is refused, because
// the rows would have to be in the file, and so are psql's own commands. The
// statements of an assertion cannot change anything, and each must return no
// row.
//
// Row security hides no row from them: while a policy would, no statement runs
// that could read or change rows, whatever it does to row_security
// (row_security.hpp).
//
// The settings of the session are Berth's and the server's; only a script's own
// SET changes them (script_session.hpp).
//
// The dump's author controls what the database contains: a trigger that a
// script fires can RESET ROLE and then has the rights of the login role until
// its statement ends. No statement follows it.
//
// The log gets the file, the line, the command tag with its count ("UPDATE
// 120000") and the milliseconds; for an error the file, the line and the
// SQLSTATE. The server's whole message goes to the private log, and so do
// notices.
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

// The files of KIND/APP next to berth.conf, ordered by number; scripts precede
// assertions of the same number. Empty if the folder does not exist. Throws
// Error for a file with any other name (except README, .x and x~), and for one
// that is not a regular file of root or berth, is writable for group or others,
// is not UTF-8 or exceeds 4 MiB.
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
// `set` value, with NAME in lower case and _ for characters that the name of a
// setting must not have. Throws Error when two names become one.
ScriptSettings script_settings(const ApplicationConfig& application,
                               const ScriptFacts& facts);

class RoleWatch;

struct ScriptTarget {
  Cluster& cluster;      // provides the address and the sessions' name
  std::string database;
  std::string user;      // the login role; empty: Berth's own
  std::string role;      // the owner of the data
  ScriptSettings settings;
  std::string step;      // for the lines of the private log
  // Must be unchanged whenever a script begins; nullptr: not watched.
  const RoleWatch* roles = nullptr;
};

// The role that logs in.
std::string login_of(const ScriptTarget& target);

// Throws Error(action, ...) if a policy would hide rows both from the role that
// scripts run as and from the login role. To be called before assertions, and
// before what scripts have changed is published.
void require_scripts_see_all(const ScriptTarget& target,
                             const std::string& action);

// Throws Error for the first statement that fails or returns rows that it must
// not return, Away when the connection breaks, Interrupted after the statement
// has been ended.
void run_scripts(const std::vector<Script>& scripts,
                 const ScriptTarget& target, Report& report,
                 PrivateLog& in_full, Deadline deadline);

// "23505 (unique_violation)"; names only the codes that scripts commonly meet.
std::string sqlstate_text(const std::string& sqlstate);

}  // namespace berth::worker
