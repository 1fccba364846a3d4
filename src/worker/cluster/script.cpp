// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/script.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "worker/cluster/lookalike.hpp"
#include "worker/cluster/role_watch.hpp"
#include "worker/cluster/row_security.hpp"
#include "worker/cluster/script_session.hpp"
#include "worker/cluster/statement.hpp"

namespace berth::worker {
namespace {

// Lines of one script in the log; the rest is summarized in one line.
constexpr std::size_t kMostScriptLines = 200;

struct Place {
  const Script& script;
  const Statement& statement;
  std::size_t number;
};

// If row security refused the statement, the message contains the remedy: the
// name of a table is not the value of a row.
[[noreturn]] void fail(const Place& place, const Executed& done,
                       const ScriptTarget& target, Connection& sql,
                       const PrivateLog& in_full) {
  std::string help;
  if (done.sqlstate == "42501") {
    if (const auto table = filtered_table(sql, done.words)) {
      help = ": " + how_to_see_all(*table, login_of(target), target.role);
    }
  }
  throw Error("run",
              place.script.name + ":" +
                  std::to_string(line_at(place.statement, done.position)),
              "SQLSTATE " + sqlstate_text(done.sqlstate) + help +
              "; PostgreSQL's message is in " + in_full.name());
}

void require(const Place& place, const Executed& done,
             const ScriptTarget& target, Connection& sql,
             PrivateLog& in_full) {
  const std::string where =
      place.script.name + ":" + std::to_string(place.statement.line);
  if (done.copy) {
    throw Error("run", where,
                "COPY from or to the client is not supported; write INSERT");
  }
  if (!done.sqlstate.empty()) {
    in_full.write(target.step, where + " " + done.words);
    fail(place, done, target, sql, in_full);
  }
  require_refusing(sql, where);
  if (place.script.assertion && done.rows > 0) {
    throw Error("assert", where,
                "statement " + std::to_string(place.number) + " returned " +
                    std::to_string(done.rows) +
                    (done.rows == 1 ? " row" : " rows") +
                    ", but must return none");
  }
}

void run_one(const Script& script, const std::vector<Statement>& statements,
             const ScriptTarget& target, Report& report, PrivateLog& in_full,
             Deadline deadline, Progress& progress) {
  if (target.roles) {
    target.roles->require_unchanged(script.assertion ? "assert" : "run");
  }
  Connection sql = script_session(
      target, script.assertion
                  ? SessionSettings{{"default_transaction_read_only", "on"}}
                  : SessionSettings{});
  if (script.assertion) require_no_function_filters(sql, script.name);
  SettingsWatch settings(sql, target.settings);
  sql.run("RESET search_path");
  settings.begin();
  const std::int64_t begun = monotonic_ms();
  std::size_t number = 0;
  for (const Statement& statement : statements) {
    const std::string line = ":" + std::to_string(statement.line);
    progress.message = script.name + line;
    report.progress(progress);
    if (!touches_no_rows(statement.text)) {
      const std::string action = script.assertion ? "assert" : "run";
      require_no_filter(sql, action, script.name + line, login_of(target),
                        target.role);
      require_no_lookalike(sql, action, script.name + line, statement.text);
    }
    const std::int64_t from = monotonic_ms();
    const Executed done = sql.execute(statement.text, deadline);
    for (const std::string& text : sql.take_warnings()) {
      in_full.write(target.step, script.name + line + " " + text);
    }
    require({script, statement, ++number}, done, target, sql, in_full);
    settings.require_unchanged(statement.text, script.name + line);
    if (number <= kMostScriptLines) {
      report.log(script.name + line + " " + done.tag + " (" +
                 std::to_string(monotonic_ms() - from) + " ms)");
    }
    progress.done = progress.done.value_or(0) + 1;
  }
  if (sql.in_transaction()) {
    throw Error("run", script.name, "it has a BEGIN without a COMMIT");
  }
  if (number != 1) {
    report.log(script.name + ": " + std::to_string(number) +
               " statements (" + std::to_string(monotonic_ms() - begun) +
               " ms)");
  }
}

std::string text_of(const SetValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* yes = std::get_if<bool>(&value)) {
    return *yes ? "true" : "false";
  }
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*whole);
  }
  return json::serialize(json::value(std::get<double>(value)));
}

std::string setting_name(const std::string& name) {
  std::string out = "berth.set_";
  for (const char c : lower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    out.push_back(plain ? c : '_');
  }
  return out;
}

}  // namespace

ScriptSettings script_settings(const ApplicationConfig& application,
                               const ScriptFacts& facts) {
  ScriptSettings out = {
      {"berth.application", application.name},
      {"berth.server", facts.server},
      {"berth.url",
       facts.server.empty() ? "" : application.url_on(facts.server)},
      {"berth.generation", facts.generation},
      {"berth.job", std::to_string(facts.job)}};
  std::set<std::string> seen;
  for (const auto& [name, value] : application.set) {
    const std::string setting = setting_name(name);
    if (!seen.insert(setting).second) {
      throw Error("set", setting,
                  "[application." + application.name +
                      ".set] has two names that become this setting");
    }
    out.emplace_back(setting, text_of(value));
  }
  return out;
}

void require_scripts_see_all(const ScriptTarget& target,
                             const std::string& action) {
  Connection sql = script_session(target);
  if (!policy_applies(sql)) return;
  // The login role may see all rows, for scripts that begin with RESET ROLE.
  sql.run("RESET ROLE");
  if (!policy_applies(sql)) return;
  sql.run("SET ROLE " + sql.identifier(target.role));
  require_no_filter(sql, action, "database " + target.database,
                    login_of(target), target.role);
}

void run_scripts(const std::vector<Script>& scripts,
                 const ScriptTarget& target, Report& report,
                 PrivateLog& in_full, Deadline deadline) {
  // All are parsed before the first runs, so that a psql command in the last
  // one does not fail a refresh after an hour.
  std::vector<std::vector<Statement>> statements;
  Progress progress;
  progress.unit = "statements";
  progress.done = progress.total = 0;
  for (const Script& script : scripts) {
    statements.push_back(split_statements(script.text, script.name));
    progress.total = *progress.total +
                     static_cast<std::int64_t>(statements.back().size());
  }
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    run_one(scripts[i], statements[i], target, report, in_full, deadline,
            progress);
  }
}

std::string sqlstate_text(const std::string& sqlstate) {
  static const std::pair<const char*, const char*> known[] = {
      {"21000", "cardinality_violation"},
      {"22001", "string_data_right_truncation"},
      {"22003", "numeric_value_out_of_range"},
      {"22012", "division_by_zero"},
      {"22023", "invalid_parameter_value"},
      {"22P02", "invalid_text_representation"},
      {"23502", "not_null_violation"},
      {"23503", "foreign_key_violation"},
      {"23505", "unique_violation"},
      {"23514", "check_violation"},
      {"25006", "read_only_sql_transaction"},
      {"25P02", "in_failed_sql_transaction"},
      {"40P01", "deadlock_detected"},
      {"42501", "insufficient_privilege"},
      {"42601", "syntax_error"},
      {"42703", "undefined_column"},
      {"42704", "undefined_object"},
      {"42804", "datatype_mismatch"},
      {"42883", "undefined_function"},
      {"42P01", "undefined_table"},
      {"42P07", "duplicate_table"},
      {"53100", "disk_full"},
      {"53200", "out_of_memory"},
      {"55P03", "lock_not_available"},
      {"57014", "query_canceled"},
      {"P0001", "raise_exception"},
      {"XX001", "data_corrupted"}};
  for (const auto& [code, name] : known) {
    if (sqlstate == code) return sqlstate + " (" + name + ")";
  }
  return sqlstate;
}

namespace {

constexpr std::size_t kLargestScript = 4 << 20;

bool is_passed_over(std::string_view name) {
  return name == "README" || name.starts_with('.') || name.ends_with('~');
}

// A file that others may write would run with Berth's rights.
void require_safe(const struct stat& st, const std::string& path) {
  if (st.st_uid != 0 && st.st_uid != ::geteuid()) {
    throw Error("read", path, "it must be owned by root");
  }
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw Error("read", path, "it is writable for group or others");
  }
}

Script read_script(const Dir& folder, const std::string& name,
                   const std::string& shown) {
  const std::string path = folder.path_of(name);
  const auto kind = script_kind(name);
  if (!kind) {
    throw Error("read", path,
                "the name must be NN-name.sql or NN-name.assert.sql, in "
                "lower-case letters, digits and -");
  }
  const Fd fd = folder.open(name, O_RDONLY | O_NONBLOCK);
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0) throw_errno("read", path);
  if (!S_ISREG(st.st_mode)) throw Error("read", path, "not a regular file");
  require_safe(st, path);
  auto text = read_all(fd.get(), kLargestScript, path);
  if (!text) throw Error("read", path, "it exceeds 4 MiB");
  if (!is_valid_utf8(*text) || text->find('\0') != std::string::npos) {
    throw Error("read", path, "it is not UTF-8 text");
  }
  // It would count as an assertion but assert nothing.
  if (*kind == ScriptKind::assertion &&
      split_statements(*text, shown + "/" + name).empty()) {
    throw Error("read", path, "it has no statement and so asserts nothing");
  }
  return {shown + "/" + name, std::move(*text), *kind == ScriptKind::assertion};
}

}  // namespace

std::vector<Script> read_scripts(const std::string& config_folder,
                                 const std::string& kind,
                                 const std::string& application) {
  std::vector<Script> out;
  const Dir config(config_folder.empty() ? "/" : config_folder);
  if (!config.exists(kind)) return out;
  const Dir all(config, kind);
  if (!all.exists(application)) return out;
  const Dir folder(all, application);
  for (const Dir* dir : {&all, &folder}) {
    struct stat st {};
    if (::fstat(dir->fd(), &st) != 0) throw_errno("read", dir->path());
    require_safe(st, dir->path());
  }
  for (const std::string& name : folder.names()) {
    if (is_passed_over(name)) continue;
    out.push_back(read_script(folder, name, kind + "/" + application));
  }
  const std::size_t number = kind.size() + application.size() + 2;
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    const auto key = [&](const Script& s) {
      return std::pair(s.name.substr(number, 2), s.assertion);
    };
    return key(a) < key(b);
  });
  return out;
}

}  // namespace berth::worker
