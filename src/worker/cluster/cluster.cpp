// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/cluster.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/job.hpp"
#include "step/mask.hpp"
#include "store/sequence.hpp"

namespace berth::worker {
namespace {

// The first key of Berth's advisory locks: "BERT".
constexpr const char* kLockSpace = "1111839316";

std::string session_name(const DatabaseNames& names, std::int64_t job) {
  return "berth " + site8(names.site()) +
         (job > 0 ? " " + job_text(job) : " chore");
}

}  // namespace

bool is_marked(const Database& database, const DatabaseNames& names,
               const char* kind) {
  return database.marker && database.marker->site == names.site() &&
         database.marker->kind == kind;
}

std::string marked_already(const Database& database) {
  if (database.marker) {
    return "it is already marked as Berth's " + database.marker->kind +
           " of " + job_text(database.marker->job);
  }
  if (!database.comment.starts_with("{\"berth\"")) return "";
  // The comment is not shown: SQL of a dump can copy a row into it.
  return "it is already marked, in a format that this version does not know "
         "(psql's \\l+ shows the comment)";
}

bool is_base(const Database& database, const DatabaseNames& names,
             const std::string& role) {
  return is_marked(database, names, "base") && database.owner == role &&
         database.name == names.base(database.marker->application,
                                     database.marker->generation);
}

bool is_waiting(const Database& d, const DatabaseNames& names,
                const std::string& role) {
  return is_marked(d, names, "spare") && d.marker->state == "ready" &&
         d.marker->server.empty() && d.owner == role &&
         d.connection_limit != -2 && !d.is_template && !d.allow_connections &&
         d.name == names.copy(d.marker->application, d.marker->generation,
                              d.marker->job);
}

Cluster::Cluster(const ClusterConfig& config, const DatabaseNames& names,
                 std::int64_t job, Link& link)
    : config_(config),
      names_(names),
      link_(link),
      session_name_(session_name(names, job)),
      sql_("cluster " + config.name, config, session_name_, link) {
  const Rows rows = sql_.query(
      "SELECT pg_is_in_recovery(), current_user");
  if (cell_yes(rows.at(0).at(0))) {
    throw Error("use", "cluster " + config.name, "it is a read-only standby");
  }
  role_ = cell_text(rows.at(0).at(1));
}

std::string Cluster::system_identifier() {
  return cell_text(
      sql_.query("SELECT system_identifier FROM pg_control_system()")
          .at(0)
          .at(0));
}

void Cluster::require_system(const std::string& expected) {
  const std::string found = system_identifier();
  if (found != expected) {
    throw Error("change", "cluster " + config_.name,
                "it is another server now (system identifier " + found +
                    "; the job began on " + expected + ")");
  }
  expected_system_ = expected;
}

std::string Cluster::version() {
  return cell_text(
      sql_.query("SELECT current_setting('server_version')").at(0).at(0));
}

std::vector<Database> Cluster::read(const std::string& condition,
                                    const std::vector<Cell>& parameters) {
  const bool collation = sql_.version() >= 150000;
  const std::string differs =
      collation ? "coalesce(d.datcollversion <> "
                  "pg_database_collation_actual_version(d.oid), false)"
                : "false";
  // The size of an invalid database cannot be read, because its folder may have
  // been deleted; nor can that of one to which Berth may not connect, because
  // an owner can revoke CONNECT from everybody.
  const Rows rows = sql_.query(
      "SELECT d.datname, d.oid, pg_get_userbyid(d.datdba), "
      "pg_has_role(d.datdba, 'USAGE'), d.datallowconn, d.datistemplate, "
      "d.datconnlimit, " + differs + ", " + kDatabaseComment + ", "
      "CASE WHEN d.datconnlimit <> -2 AND "
      "(has_database_privilege(d.oid, 'CONNECT') OR "
      "pg_has_role('pg_read_all_stats', 'USAGE')) "
      "THEN pg_database_size(d.oid) END, "
      "d.oid IN (SELECT a.datid FROM pg_stat_activity a "
      "WHERE a.backend_type = 'client backend') "
      "FROM pg_database d WHERE d.datname NOT IN ('template0', 'template1') "
      "AND " + condition + " ORDER BY d.datname", parameters);
  std::vector<Database> out;
  for (const Row& row : rows) {
    Database d;
    d.name = cell_text(row[0]);
    d.oid = cell_number(row[1]);
    d.owner = cell_text(row[2]);
    d.ours_to_alter = cell_yes(row[3]);
    d.allow_connections = cell_yes(row[4]);
    d.is_template = cell_yes(row[5]);
    d.connection_limit = cell_number(row[6]);
    d.collation_differs = cell_yes(row[7]);
    d.comment = cell_text(row[8]);
    d.marker = parse_marker(d.comment);
    d.size = cell_number(row[9]);
    d.in_use = cell_yes(row[10]);
    out.push_back(std::move(d));
  }
  return out;
}

std::vector<Database> Cluster::databases(const std::string& front) {
  return read("starts_with(d.datname::text, $1)", {front});
}

std::optional<Database> Cluster::database(const std::string& name) {
  auto found = read("d.datname = $1", {name});
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

bool Cluster::try_lock(const std::string& database) {
  return cell_yes(
      sql_.query("SELECT pg_try_advisory_lock($1::int, hashtext($2))",
                 {kLockSpace, "db:" + database})
          .at(0)
          .at(0));
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

void Cluster::close(const std::string& database) {
  sql_.run("ALTER DATABASE " + quoted(database) +
           " WITH ALLOW_CONNECTIONS false IS_TEMPLATE false");
}

void Cluster::own(const std::string& database) {
  sql_.run("ALTER DATABASE " + quoted(database) + " OWNER TO CURRENT_USER");
}

ClusterAddress address_of(const ClusterConfig& config) {
  char* why = nullptr;
  PQconninfoOption* all = PQconninfoParse(config.conninfo.c_str(), &why);
  if (!all) {
    const std::string cause = why ? why : "out of memory";
    PQfreemem(why);
    throw Error("parse the conninfo of", "cluster " + config.name, cause);
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

// The sessions on a database, and how to end them.

namespace {

constexpr std::int64_t kEndSessions = 10 * 1000;
constexpr std::size_t kShownOfQuery = 60;

std::string session_id(std::int64_t pid) {
  return "session " + std::to_string(pid);
}

}  // namespace

std::vector<Obstacle> connected(const std::vector<Session>& sessions) {
  std::vector<Obstacle> out;
  for (const Session& session : sessions) {
    out.push_back({session_id(session.pid),
                   "in use by " + session.text});
  }
  return out;
}

std::vector<Session> Cluster::sessions(const std::string& database) {
  // For sessions of roles that Berth is not a member of, above all superusers,
  // backend_type is NULL but usename is not; autovacuum has no usename.
  const Rows rows = sql_.query(
      "SELECT pid, coalesce(usename, '?'), "
      "coalesce(client_addr::text, CASE WHEN backend_type IS NULL "
      "THEN 'somewhere' ELSE 'this machine' END), "
      "coalesce(backend_type, 'client backend') "
      "FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() "
      "AND coalesce(backend_type, usename, 'autovacuum worker') "
      "NOT IN ('autovacuum worker', 'autovacuum launcher', 'parallel worker') "
      "ORDER BY pid", {database});
  const auto shown = [&](const std::string& text) {
    return link_.mask().line(text, kShownOfQuery);
  };
  std::vector<Session> out;
  for (const Row& row : rows) {
    std::string who = cell_text(row[1]) + " from " + cell_text(row[2]);
    if (cell_text(row[3]) != "client backend") {
      who += ", " + shown(cell_text(row[3]));
    }
    out.push_back({cell_number(row[0]), who});
  }
  return out;
}

std::vector<Obstacle> Cluster::obstacles(const std::string& database) {
  std::vector<Obstacle> out;
  for (const Row& row : sql_.query(
           "SELECT gid, owner::text, date_trunc('second', prepared)::text, "
           "database::text FROM pg_prepared_xacts p WHERE database = $1 OR "
           "EXISTS (SELECT 1 FROM pg_database d JOIN pg_locks l "
           "ON l.objid = d.oid JOIN pg_locks own USING (virtualtransaction) "
           "WHERE d.datname = $1 AND l.locktype = 'object' AND "
           "l.classid = 'pg_database'::regclass AND l.pid IS NULL AND "
           "own.pid IS NULL AND own.transactionid = p.transaction) "
           "ORDER BY prepared LIMIT 100",
           {database})) {
    out.push_back({"transaction " + cell_text(row[0]),
                   "transaction '" +
                       link_.mask().line(cell_text(row[0]), kShownOfQuery) +
                       "' of " + cell_text(row[1]) +
                       " has been in the prepared state since " +
                       cell_text(row[2]) +
                       (row[3] == Cell(database) ? "" : " and locks it") +
                       "; run COMMIT PREPARED or ROLLBACK PREPARED, "
                       "connected to " + cell_text(row[3])});
  }
  for (const Row& row : sql_.query(
           "SELECT slot_name::text, active FROM pg_replication_slots "
           "WHERE database = $1 ORDER BY slot_name", {database})) {
    out.push_back({"slot " + cell_text(row[0]),
                   "logical replication slot " + cell_text(row[0]) +
                       (cell_yes(row[1]) ? " is active; stop its reader, "
                                           "then run "
                                         : " exists; run ") +
                       "SELECT pg_drop_replication_slot('" +
                       cell_text(row[0]) + "')"});
  }
  // These columns of pg_subscription, without the password, are readable.
  for (const Row& row : sql_.query(
           "SELECT s.subname::text FROM pg_subscription s "
           "JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 "
           "ORDER BY 1", {database})) {
    out.push_back({"subscription " + cell_text(row[0]),
                   "subscription " + cell_text(row[0]) +
                       " writes to it; run DROP SUBSCRIPTION, connected to " +
                       database});
  }
  return out;
}

std::vector<Session> Cluster::cut_sessions(const std::string& database) {
  std::vector<Session> cut;
  const Deadline deadline = Deadline::in_ms(kEndSessions);
  const Deadline passes = Deadline::in_ms(kPasses);
  // Repeated, because a session that was just connecting is seen only the next
  // time, and one that Berth may not end may end on its own.
  while (true) {
    const std::vector<Session> open = sessions(database);
    if (open.empty()) return cut;
    if (deadline.passed()) {
      const std::string more = sentence_of(obstacles(database));
      throw Error("end the sessions on", database,
                  open.front().text + " is still connected" +
                      (more.empty() ? "" : "; " + more));
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
        if (e.sqlstate() != "42501") throw;
        if (!passes.passed()) continue;
        throw Error("end the sessions on", database,
                    session.text + " (pid " + std::to_string(session.pid) +
                        ") cannot be ended: " + e.cause());
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
        "WHERE application_name = $1 AND pid <> pg_backend_pid() "
        "AND (usename = current_user OR usename = ANY ($2::name[]))",
        {session_name_, "{" + join(config_.restore_users, ",") + "}"});
    if (rows.empty()) return;
    if (deadline.passed()) {
      throw Away("end", "an earlier session of this job",
                 "it is still running on cluster " + config_.name);
    }
    link_.sleep(100);
  }
}

}  // namespace berth::worker
