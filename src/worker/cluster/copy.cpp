// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/copy.hpp"

#include <sys/statvfs.h>

#include <algorithm>

#include "base/clock.hpp"
#include "worker/cluster/copy_gauge.hpp"
#include "worker/cluster/disk_space.hpp"

namespace berth::worker {
namespace {

constexpr int kCopyAttempts = 5;  // while somebody is connected to the base

// Returns the counted claim in every case.
class CopyClaim {
 public:
  explicit CopyClaim(Cluster& cluster)
      : link_(cluster.link()), name_("copies:" + cluster.config().name) {
    if (!link_.ask(name_)) {
      throw Error("copy on", "cluster " + cluster.config().name,
                  "berthd refused the claim " + name_);
    }
  }
  CopyClaim(const CopyClaim&) = delete;
  CopyClaim& operator=(const CopyClaim&) = delete;
  ~CopyClaim() { link_.give(name_); }

 private:
  Link& link_;
  std::string name_;
};

// A free OID, for 15 and later. Berth chooses it, so that the new folder's name
// is known before the row appears in pg_database.
std::int64_t free_oid(Cluster& cluster) {
  const Rows rows = cluster.sql().query(
      "SELECT o FROM (SELECT (1000000000 + floor(random() * 3000000000))"
      "::bigint AS o FROM generate_series(1, 8)) c WHERE NOT EXISTS "
      "(SELECT 1 FROM pg_database WHERE oid::bigint = o) LIMIT 1");
  return std::stoll(rows.at(0).at(0).value());
}

void create(Cluster& cluster, const CopyOrder& order, Strategy strategy,
            Report& report, Deadline deadline) {
  const bool chosen = strategy != Strategy::only;
  const std::int64_t oid = chosen ? free_oid(cluster) : 0;
  std::string sql = "CREATE DATABASE " + cluster.quoted(order.name) +
                    " TEMPLATE " + cluster.quoted(order.base.name) +
                    " ALLOW_CONNECTIONS false";
  if (chosen) {
    sql += std::string(" STRATEGY ") +
           (strategy == Strategy::wal_log ? "wal_log" : "file_copy") +
           " OID " + std::to_string(oid);
  }
  if (cluster.sql().version() >= 180000) {
    cluster.sql().run(std::string("SET file_copy_method = ") +
                      (strategy == Strategy::clone ? "clone" : "copy"));
  }
  report.log("copying " + order.base.name + " (" +
             std::to_string(order.base.size >> 20) + " MiB) to " + order.name +
             (chosen ? std::string(", ") + name_of(strategy) : ""));
  CopyGauge gauge(cluster, order.base, oid, strategy);
  cluster.sql().run_watched(sql, deadline, [&] {
    if (const auto seen = gauge.read()) report.progress(*seen);
  });
}

// Tries each strategy in turn, as long as the next may succeed.
void create_somehow(Cluster& cluster, const CopyOrder& order, Report& report,
                    Deadline deadline) {
  const auto ways = strategies({cluster.sql().version(), order.base.size,
                                count_files(cluster, order.base)});
  for (std::size_t i = 0;; ++i) {
    require_room(cluster, order.base, ways[i]);
    try {
      return create(cluster, order, ways[i], report, deadline);
    } catch (const SqlError& e) {
      if (i + 1 == ways.size() || !is_for_the_next(ways[i], e)) throw;
      report.log(std::string(name_of(ways[i])) + " is not possible: " +
                 e.cause());
    }
  }
}

// Names the sessions on a base, which should have none.
[[noreturn]] void refuse_busy(Cluster& cluster, const Database& base,
                              const SqlError& e) {
  std::string who;
  for (const Session& s : cluster.sessions(base.name)) {
    who += "; " + s.text + " is connected to it; run SELECT " +
           "pg_terminate_backend(" + std::to_string(s.pid) + ")";
  }
  const auto obstacles = cluster.obstacles(base.name);
  if (!obstacles.empty()) who += "; " + sentence_of(obstacles);
  throw SqlError("copy", base.name, e.cause() + who, e.sqlstate());
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

void require_room(Cluster& cluster, const Database& base, Strategy strategy) {
  auto free = free_bytes(cluster);
  if (!free) return;
  // A base in a tablespace is copied into the same tablespace.
  const Rows rows = cluster.sql().query(
      "SELECT pg_tablespace_location(dattablespace) FROM pg_database "
      "WHERE oid = $1", {std::to_string(base.oid)});
  const std::string place = rows.empty() ? "" : rows[0][0].value_or("");
  if (!place.empty()) {
    struct statvfs found {};
    if (::statvfs(place.c_str(), &found) != 0) return;
    free = static_cast<std::int64_t>(found.f_bavail * found.f_frsize);
  }
  const std::int64_t size = strategy == Strategy::clone ? 0 : base.size;
  if (*free < size + cluster.config().disk_floor) {
    throw Error("copy", base.name,
                "needs " + std::to_string(size >> 20) + " MiB, but only " +
                    std::to_string(*free >> 20) + " MiB are free on the disk " +
                    "of " +
                    (place.empty() ? "cluster " + cluster.config().name
                                   : place) +
                    " and disk_floor reserves " +
                    std::to_string(cluster.config().disk_floor >> 20) +
                    " MiB");
  }
}

void require_copyable(Cluster& cluster, const Database& base) {
  if (base.collation_differs) {
    throw Error("copy", base.name,
                "the system's collations have changed since it was created, "
                "and PostgreSQL refuses to copy such a database; create a new "
                "base with: berthctl refresh " +
                    base.marker->application);
  }
  const auto stays =
      lasting(cluster.link(), [&] { return cluster.obstacles(base.name); });
  if (!stays.empty()) throw Error("copy", base.name, sentence_of(stays));
}

Database copy_base(Cluster& cluster, const CopyOrder& order, Report& report,
                   Deadline deadline) {
  cluster.lock(order.name, Deadline::in_s(10));
  DatabaseMarker marker = *order.base.marker;
  marker.kind = "spare";
  marker.state = "ready";
  marker.server = order.server;
  marker.job = order.job;
  {
    const CopyClaim claim(cluster);
    const std::int64_t begun = monotonic_ms();
    // A base accepts no connections, so any session on it belongs to a monitor
    // or an administrator and is likely to end soon.
    for (int attempt = 1;; ++attempt) {
      try {
        create_somehow(cluster, order, report, deadline);
        break;
      } catch (const SqlError& e) {
        if (e.sqlstate() != "55006") throw;
        if (attempt == kCopyAttempts) refuse_busy(cluster, order.base, e);
        for (const Session& s : cluster.sessions(order.base.name)) {
          report.log("waiting for a session on " + order.base.name + ": " +
                     s.text);
        }
        cluster.link().sleep(attempt * 500);
      }
    }
    report.log("copied in " + std::to_string(monotonic_ms() - begun) + " ms");
  }
  if (order.marking) *order.marking = true;
  cluster.comment(order.name, marker);
  auto made = cluster.database(order.name);
  if (!made || !made->marker || *made->marker != marker) {
    throw Error("find", order.name, "the copy does not exist after its CREATE");
  }
  return std::move(*made);
}

}  // namespace berth::worker
