// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/vacuum.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "worker/cluster/script.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kLookEvery = 1000;  // ms

// The tables that are done, by their last_vacuum later than `since`, and the
// blocks of the table in progress. ANALYZE follows when all are done, and reads
// little.
constexpr const char* kSeen =
    "SELECT coalesce((SELECT sum(pg_relation_size(relid)) "
    "FROM pg_stat_all_tables WHERE last_vacuum >= $1::timestamptz), 0)::bigint,"
    " coalesce((SELECT sum(CASE WHEN phase = 'scanning heap' "
    "THEN heap_blks_scanned ELSE heap_blks_total END) "
    "FROM pg_stat_progress_vacuum WHERE datname = current_database()), 0)"
    "::bigint * current_setting('block_size')::bigint, "
    "(SELECT relid::regclass::text FROM (SELECT relid, datname "
    "FROM pg_stat_progress_vacuum UNION ALL SELECT relid, datname "
    "FROM pg_stat_progress_analyze) p "
    "WHERE datname = current_database() LIMIT 1)";

class Gauge {
 public:
  Gauge(Cluster& cluster, const std::string& database)
      : sql_("database " + database, cluster.config(),
             cluster.own_session(), cluster.link(), database) {
    const Row row = sql_.query(
        "SELECT now()::text, coalesce(sum(pg_relation_size(oid)), 0)::bigint "
        "FROM pg_class WHERE relkind IN ('r', 'm', 't')").at(0);
    since_ = row.at(0);
    out_.total = std::stoll(row.at(1).value_or("0"));
    out_.unit = "bytes";
  }

  const Progress& read() {
    const std::int64_t now = monotonic_ms();
    if (now - looked_ < kLookEvery) return out_;
    looked_ = now;
    const Row row = sql_.query(kSeen, {since_}).at(0);
    const std::int64_t seen = std::stoll(row.at(0).value_or("0")) +
                              std::stoll(row.at(1).value_or("0"));
    out_.done = std::max(out_.done.value_or(0), std::min(seen, *out_.total));
    out_.message = row.at(2).value_or("");
    return out_;
  }

 private:
  Connection sql_;
  Cell since_;
  Progress out_;
  std::int64_t looked_ = 0;
};

}  // namespace

void vacuum(Cluster& cluster, const std::string& database, Report& report,
            PrivateLog& in_full, Deadline deadline) {
  // The job's session name, so that a later worker ends what this one left.
  Connection inside("database " + database, cluster.config(),
                    cluster.own_session(), cluster.link(), database);
  Gauge gauge(cluster, database);
  bool works = true;
  const auto tick = [&] {
    if (!works) return;
    try {
      report.progress(gauge.read());
    } catch (const Error&) {
      works = false;  // the bar then follows the expected duration
    }
  };
  for (const char* command : {"VACUUM (FREEZE)", "ANALYZE"}) {
    try {
      inside.run_watched(command, deadline, tick);
    } catch (const SqlError& e) {
      in_full.write("vacuum", std::string(command) + " " + e.cause());
      throw Error(std::string(command) + " on", e.subject(),
                  "SQLSTATE " + sqlstate_text(e.sqlstate()) +
                      "; PostgreSQL's message is in " + in_full.name());
    } catch (const Away& e) {
      // A function can raise an error that looks like the end of the session.
      in_full.write("vacuum", std::string(command) + " " + e.cause());
      throw Away(std::string(command) + " on", e.subject(),
                 "the connection ended; PostgreSQL's message is in " +
                     in_full.name());
    }
  }
}

}  // namespace berth::worker
