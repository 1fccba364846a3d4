// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/cluster.hpp"

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

}  // namespace berth::worker
