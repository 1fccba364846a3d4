// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "store/sequence.hpp"
#include "worker/mask.hpp"

namespace berth::worker {
namespace {

// The first key of our advisory locks: "BERT".
constexpr const char* kLockSpace = "1111839316";
constexpr std::int64_t kEndSessions = 10 * 1000;

std::int64_t number(const Cell& cell) {
  return cell ? std::stoll(*cell) : 0;
}
bool yes(const Cell& cell) { return cell && *cell == "t"; }
std::string text(const Cell& cell) { return cell.value_or(""); }

std::string session_name(const DatabaseNames& names, std::int64_t job) {
  return "berth " + site8(names.site()) +
         (job > 0 ? " job " + std::to_string(job) : " chore");
}

}  // namespace

Cluster::Cluster(const ClusterConfig& config, const DatabaseNames& names,
                 std::int64_t job, Link& link)
    : config_(config),
      names_(names),
      link_(link),
      session_name_(session_name(names, job)),
      sql_("cluster " + config.name, config.conninfo, session_name_, link) {
  const Rows rows = sql_.query(
      "SELECT pg_is_in_recovery(), current_user");
  if (yes(rows.at(0).at(0))) {
    throw Error("use", "cluster " + config.name, "is a read-only standby");
  }
  role_ = text(rows.at(0).at(1));
}

std::string Cluster::system_identifier() {
  return text(sql_.query("SELECT system_identifier FROM pg_control_system()")
                  .at(0).at(0));
}

void Cluster::require_system(const std::string& expected) {
  const std::string found = system_identifier();
  if (found != expected) {
    throw Error("change", "cluster " + config_.name,
                "is another server now (system identifier " + found +
                    ", the job began on " + expected + ")");
  }
}

std::string Cluster::version() {
  return text(sql_.query("SHOW server_version").at(0).at(0));
}

std::vector<Database> Cluster::read(const std::string& condition,
                                    const std::vector<Cell>& parameters) {
  const bool collation = sql_.version() >= 150000;
  const std::string differs =
      collation ? "coalesce(d.datcollversion <> "
                  "pg_database_collation_actual_version(d.oid), false)"
                : "false";
  // The size of an invalid database cannot be asked: its folder may be gone.
  const Rows rows = sql_.query(
      "SELECT d.datname, d.oid, pg_get_userbyid(d.datdba), "
      "pg_has_role(d.datdba, 'USAGE'), d.datallowconn, d.datistemplate, "
      "d.datconnlimit, " + differs + ", "
      "shobj_description(d.oid, 'pg_database'), "
      "CASE WHEN d.datconnlimit <> -2 AND (pg_has_role(d.datdba, 'USAGE') OR "
      "has_database_privilege(d.oid, 'CONNECT')) "
      "THEN pg_database_size(d.oid) END "
      "FROM pg_database d WHERE d.datname NOT IN ('template0', 'template1') "
      "AND " + condition + " ORDER BY d.datname", parameters);
  std::vector<Database> out;
  for (const Row& row : rows) {
    Database d;
    d.name = text(row[0]);
    d.oid = number(row[1]);
    d.owner = text(row[2]);
    d.ours_to_alter = yes(row[3]);
    d.allow_connections = yes(row[4]);
    d.is_template = yes(row[5]);
    d.connection_limit = number(row[6]);
    d.collation_differs = yes(row[7]);
    d.comment = text(row[8]);
    d.marker = parse_marker(d.comment);
    d.size = number(row[9]);
    out.push_back(std::move(d));
  }
  return out;
}

std::vector<Database> Cluster::databases() { return read("true", {}); }

std::optional<Database> Cluster::database(const std::string& name) {
  auto found = read("d.datname = $1", {name});
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

bool Cluster::is_marked(const Database& database, const char* kind) const {
  return database.marker && database.marker->site == names_.site() &&
         database.marker->kind == kind;
}

bool Cluster::is_base(const Database& database) const {
  return is_marked(database, "base") && database.owner == role_ &&
         database.name == names_.base(database.marker->application,
                                      database.marker->generation);
}

std::vector<Session> Cluster::sessions(const std::string& database) {
  const Rows rows = sql_.query(
      "SELECT pid, coalesce(usename, '?'), "
      "coalesce(client_addr::text, 'this machine'), application_name "
      "FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() "
      "AND backend_type = 'client backend' ORDER BY pid", {database});
  std::vector<Session> out;
  for (const Row& row : rows) {
    std::string who = text(row[1]) + " from " + text(row[2]);
    if (!text(row[3]).empty()) who += " (" + one_line(text(row[3]), 60) + ")";
    out.push_back({number(row[0]), who});
  }
  return out;
}

std::vector<Session> Cluster::cut_sessions(const std::string& database) {
  std::vector<Session> cut;
  const Deadline deadline = Deadline::in_ms(kEndSessions);
  std::string refused;
  // Again and again: one that was just connecting is only seen the next time.
  while (true) {
    const std::vector<Session> open = sessions(database);
    if (open.empty()) return cut;
    if (deadline.passed()) {
      throw Error("end the sessions on", database,
                  open.front().text + " is still there" + refused);
    }
    for (const Session& session : open) {
      const bool seen = std::any_of(
          cut.begin(), cut.end(),
          [&](const Session& s) { return s.pid == session.pid; });
      if (!seen) cut.push_back(session);
      try {
        sql_.query("SELECT pg_terminate_backend($1)",
                   {std::to_string(session.pid)});
      } catch (const SqlError& e) {
        refused = ": " + e.cause();  // a superuser's session
        if (e.sqlstate() == "42501") {
          throw Error("end the sessions on", database,
                      session.text + " may not be ended: " + e.cause());
        }
      }
    }
    link_.sleep(20);
  }
}

void Cluster::end_earlier_sessions() {
  const Deadline deadline = Deadline::in_s(60);
  while (true) {
    const Rows rows = sql_.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = $1 AND usename = current_user "
        "AND pid <> pg_backend_pid()", {session_name_});
    if (rows.empty()) return;
    if (deadline.passed()) {
      throw Away("end", "an earlier session of this job",
                 "it is still running on cluster " + config_.name);
    }
    link_.sleep(100);
  }
}

bool Cluster::try_lock(const std::string& database) {
  return yes(sql_.query("SELECT pg_try_advisory_lock($1::int, hashtext($2))",
                        {kLockSpace, "db:" + database}).at(0).at(0));
}

void Cluster::lock(const std::string& database, Deadline deadline) {
  while (!try_lock(database)) {
    if (deadline.passed()) {
      throw Error("lock", database, "another process is working on it");
    }
    link_.sleep(100);
  }
}

void Cluster::unlock(const std::string& database) {
  sql_.query("SELECT pg_advisory_unlock($1::int, hashtext($2))",
             {kLockSpace, "db:" + database});
}

void Cluster::comment(const std::string& database,
                      const DatabaseMarker& marker) {
  sql_.run("COMMENT ON DATABASE " + quoted(database) + " IS " +
           sql_.literal(to_text(marker)));
}

void Cluster::allow_connections(const std::string& database, bool allow) {
  sql_.run("ALTER DATABASE " + quoted(database) + " ALLOW_CONNECTIONS " +
           (allow ? "true" : "false"));
}

ClusterAddress address_of(const ClusterConfig& config) {
  char* why = nullptr;
  PQconninfoOption* all = PQconninfoParse(config.conninfo.c_str(), &why);
  if (!all) {
    const std::string cause = why ? why : "out of memory";
    PQfreemem(why);
    throw Error("read conninfo of", "cluster " + config.name, cause);
  }
  ClusterAddress out{"localhost", "5432"};
  for (const PQconninfoOption* o = all; o->keyword; ++o) {
    if (!o->val || !*o->val) continue;
    if (std::string(o->keyword) == "host") out.host = o->val;
    if (std::string(o->keyword) == "port") out.port = o->val;
  }
  PQconninfoFree(all);
  return out;
}

}  // namespace berth::worker
