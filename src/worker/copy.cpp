// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/copy.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kWalLogUnder = std::int64_t{256} << 20;

// Gives the counted claim back however the copy ends.
class CopyClaim {
 public:
  explicit CopyClaim(Cluster& cluster)
      : link_(cluster.link()), name_("copies:" + cluster.config().name) {
    if (!link_.ask(name_)) {
      throw Error("copy on", "cluster " + cluster.config().name,
                  "berthd does not grant " + name_);
    }
  }
  CopyClaim(const CopyClaim&) = delete;
  CopyClaim& operator=(const CopyClaim&) = delete;
  ~CopyClaim() { link_.give(name_); }

 private:
  Link& link_;
  std::string name_;
};

// PostgreSQL has no progress view for CREATE DATABASE. With WAL_LOG the log's
// advance is nearly the size (and everybody's, so it is clamped); with
// FILE_COPY the size of the new folder is, whose name we chose.
class Gauge {
 public:
  Gauge(Cluster& cluster, const CopyOrder& order, std::int64_t oid,
        bool wal_log)
      : second_("cluster " + cluster.config().name,
                cluster.config().conninfo, "berth progress", cluster.link()),
        total_(std::max<std::int64_t>(order.base.size, 1)),
        query_(wal_log
                   ? "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1)"
                     "::bigint"
                   : "SELECT coalesce(sum((pg_stat_file('base/' || $1 || '/' "
                     "|| f, true)).size), 0)::bigint "
                     "FROM pg_ls_dir('base/' || $1, true, false) f"),
        argument_(std::to_string(oid)) {
    if (wal_log) {
      argument_ = second_.query("SELECT pg_current_wal_insert_lsn()")
                      .at(0).at(0).value_or("0/0");
    }
  }

  Progress read() {
    Progress out;
    out.unit = "bytes";
    out.total = total_;
    if (works_) {
      try {
        const auto cell = second_.query(query_, {argument_}).at(0).at(0);
        // Never back, and never whole: a checkpoint comes after the last byte.
        const std::int64_t seen = std::stoll(cell.value_or("0"));
        done_ = std::max(done_, std::min(seen, total_ / 100 * 99));
      } catch (const Error&) {
        works_ = false;  // not granted: the bar goes by the clock
      }
    }
    if (works_) out.done = done_;
    out.message = works_ && done_ >= total_ / 100 * 99 ? "syncing" : "copying";
    return out;
  }

 private:
  Connection second_;
  std::int64_t total_;
  std::string query_;
  std::string argument_;
  std::int64_t done_ = 0;
  bool works_ = true;
};

// An OID nobody has, 15 and later. Chosen by us so that the new folder's name
// is known before it can be seen in pg_database.
std::int64_t free_oid(Cluster& cluster) {
  const Rows rows = cluster.sql().query(
      "SELECT o FROM (SELECT (1000000000 + floor(random() * 3000000000))"
      "::bigint AS o FROM generate_series(1, 8)) c WHERE NOT EXISTS "
      "(SELECT 1 FROM pg_database WHERE oid::bigint = o) LIMIT 1");
  return std::stoll(rows.at(0).at(0).value());
}

void create(Cluster& cluster, const CopyOrder& order, Report& report,
            Deadline deadline) {
  const bool strategies = cluster.sql().version() >= 150000;
  const bool wal_log = strategies && order.base.size < kWalLogUnder;
  const std::int64_t oid = strategies ? free_oid(cluster) : 0;
  std::string sql = "CREATE DATABASE " + cluster.quoted(order.name) +
                    " TEMPLATE " + cluster.quoted(order.base.name) +
                    " OWNER " + cluster.quoted(order.owner);
  if (strategies) {
    sql += std::string(" STRATEGY ") + (wal_log ? "wal_log" : "file_copy") +
           " OID " + std::to_string(oid);
  }
  report.log("copying " + order.base.name + " (" +
             std::to_string(order.base.size >> 20) + " MiB) to " + order.name +
             (strategies ? wal_log ? ", WAL_LOG" : ", FILE_COPY" : ""));
  std::optional<Gauge> gauge;
  try {
    gauge.emplace(cluster, order, oid, wal_log);
  } catch (const Error& e) {
    report.log(std::string("no progress of the copy: ") + e.what());
  }
  cluster.sql().run_watched(sql, deadline, [&] {
    if (gauge) report.progress(gauge->read());
  });
}

}  // namespace

std::vector<Database> ready_bases(const std::vector<Database>& all,
                                  const Cluster& cluster,
                                  const std::string& application) {
  std::vector<Database> out;
  for (const Database& d : all) {
    if (cluster.is_base(d) && d.marker->state == "ready" &&
        d.marker->application == application && d.connection_limit != -2) {
      out.push_back(d);
    }
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.marker->generation > b.marker->generation;
  });
  return out;
}

Database copy_base(Cluster& cluster, const CopyOrder& order, Report& report,
                   Deadline deadline) {
  cluster.lock(order.name, Deadline::in_s(10));
  DatabaseMarker marker = *order.base.marker;
  marker.kind = "spare";
  marker.state = "building";
  marker.server = order.server;
  marker.job = order.job;
  {
    const CopyClaim claim(cluster);
    const std::int64_t begun = monotonic_ms();
    // Somebody with a session on the base: it may not have any, so it is a
    // monitor or a person who is gone in a moment.
    for (int attempt = 1;; ++attempt) {
      try {
        create(cluster, order, report, deadline);
        break;
      } catch (const SqlError& e) {
        if (e.sqlstate() != "55006" || attempt == 5) throw;
        for (const Session& s : cluster.sessions(order.base.name)) {
          report.log("in the way on " + order.base.name + ": " + s.text);
        }
        cluster.link().sleep(attempt * 500);
      }
    }
    cluster.comment(order.name, marker);
    report.log("copied in " + std::to_string(monotonic_ms() - begun) + " ms");
  }
  marker.state = "ready";
  cluster.comment(order.name, marker);
  auto made = cluster.database(order.name);
  if (!made || !made->marker || *made->marker != marker) {
    throw Error("find", order.name, "the copy is not there after it was made");
  }
  return std::move(*made);
}

}  // namespace berth::worker
