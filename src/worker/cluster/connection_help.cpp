// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/connection_help.hpp"

#include <string_view>

namespace berth::worker {
namespace {

struct Grant {
  std::string_view says;   // part of PostgreSQL's message
  std::string_view grant;  // the SQL to run; %s is Berth's role
};

constexpr Grant kGrants[] = {
    {"pg_control_system",
     "GRANT EXECUTE ON FUNCTION pg_control_system() TO %s"},
    {"pg_ls_dir",
     "GRANT EXECUTE ON FUNCTION pg_ls_dir(text), "
     "pg_ls_dir(text, boolean, boolean) TO %s"},
    {"pg_stat_file",
     "GRANT EXECUTE ON FUNCTION pg_stat_file(text), "
     "pg_stat_file(text, boolean) TO %s"},
    {"to create database", "ALTER ROLE %s CREATEDB"},
    {"to rename database", "ALTER ROLE %s CREATEDB"},
    {"pg_signal_backend", "GRANT pg_signal_backend TO %s"},
    {"data_directory", "GRANT pg_read_all_settings TO %s"},
};

// Used when the server's message is not in English.
constexpr Grant kByStatement[] = {
    {"CREATE DATABASE ",
     "ALTER ROLE %s CREATEDB, and grant it the role that will own the "
     "database, unless that is a superuser"},
    {"ALTER DATABASE ",
     "ALTER ROLE %s CREATEDB, and grant it the current and the future owner "
     "of the database, unless they are superusers"},
    {"pg_terminate_backend(",
     "end the sessions of superusers; for all others GRANT pg_signal_backend "
     "TO %s"},
};

std::string advice(const Grant& grant, const std::string& who) {
  std::string out = "as a superuser: " + std::string(grant.grant);
  return out.replace(out.find("%s"), 2, who);
}

// The text between the last pair of double quotes.
std::string quoted_part(std::string_view text) {
  const auto end = text.rfind('"');
  if (end == std::string_view::npos || end == 0) return "";
  const auto begin = text.rfind('"', end - 1);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin + 1, end - begin - 1));
}

std::string denied(std::string_view cause, const std::string& sql,
                   const std::string& role) {
  if (cause.find("superuser") != std::string_view::npos &&
      cause.find("terminate") != std::string_view::npos) {
    return "no grant allows ending a superuser's session: its owner must end "
           "it, or a superuser with pg_terminate_backend";
  }
  const std::string who = shown_identifier(role);
  for (const Grant& known : kGrants) {
    if (cause.find(known.says) != std::string_view::npos) {
      return advice(known, who);
    }
  }
  // "must be member of role "x""; since 16 "must be able to SET ROLE "x"".
  if (cause.find("member of role") != std::string_view::npos ||
      cause.find("SET ROLE") != std::string_view::npos) {
    return "as a superuser: GRANT " + shown_identifier(quoted_part(cause)) +
           " TO " + who + ", unless that role is a superuser";
  }
  if (cause.find("must be owner of database") != std::string_view::npos) {
    return "as a superuser: grant the role that owns it to " + who;
  }
  const bool english = cause.find("ermission denied") !=
                           std::string_view::npos ||
                       cause.find("must ") != std::string_view::npos;
  for (const Grant& known : kByStatement) {
    if (!english && sql.find(known.says) != std::string::npos) {
      return advice(known, who);
    }
  }
  return "`berthctl doctor` lists the missing grants";
}

}  // namespace

std::string shown_identifier(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

std::string what_helps(const std::string& sqlstate, const std::string& cause,
                       const std::string& sql, const std::string& role) {
  if (sqlstate == "42501") return denied(cause, sql, role);
  if (sqlstate == "53100") {
    return "the cluster's disk is full; Berth drops databases that it no "
           "longer needs within a minute";
  }
  if (sqlstate == "53300") {
    return "raise max_connections or the role's CONNECTION LIMIT, or end idle "
           "sessions";
  }
  if (sqlstate == "55P03") {
    return "another session or a prepared transaction holds the lock; see "
           "pg_locks, pg_stat_activity and pg_prepared_xacts";
  }
  return "";
}

}  // namespace berth::worker
