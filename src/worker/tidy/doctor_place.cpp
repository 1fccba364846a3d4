// SPDX-License-Identifier: GPL-2.0-or-later
// Examines the connection to the cluster and the disk of its databases.
#include <algorithm>
#include <cstdlib>

#include "base/conninfo.hpp"
#include "worker/cluster/disk_space.hpp"
#include "worker/tidy/doctor.hpp"
#include "worker/tidy/tidy_facts.hpp"
#include "worker/tidy/tidy_state.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kClocksApart = 30;  // seconds

Finding examine_database(Cluster& cluster, const Config& config) {
  const std::string name = cluster.sql()
                               .query("SELECT current_database()::text")
                               .at(0)
                               .at(0)
                               .value_or("");
  const auto d = cluster.database(name);  // nullopt: template0 or template1
  std::string why;
  if (!d || d->is_template) why = "is a template";
  if (d && d->marker) why = "is marked as a " + d->marker->kind;
  if (cluster.names().kind_of(name) != 0) why = "has a name that Berth uses";
  for (const auto& [key, application] : config.applications) {
    if (application.cluster == cluster.config().name &&
        config.may_have(application, name)) {
      why =
          "matches the pattern " + application.database + " of application " +
          key;
    }
  }
  if (why.empty()) {
    const bool open = cell_yes(
        cluster.sql()
            .query("SELECT has_database_privilege('public', "
                   "current_database()::text, 'CONNECT')")
            .at(0)
            .at(0));
    return good("connected to database " + name +
                ", which Berth does not copy" +
                (open ? "; everybody may connect to it and take Berth's "
                        "advisory locks, which delays builds"
                      : ""));
  }
  return bad("conninfo leads to database " + name + ", which " + why +
                 ": Berth's own session would block its work. Create a "
                 "database for Berth and name it in conninfo (dbname=berth)",
             {"CREATE DATABASE berth OWNER " + cluster.quoted(cluster.role()),
              "REVOKE CONNECT ON DATABASE berth FROM PUBLIC"});
}

// Each copy uses one session that copies, one that watches it and one that ends
// sessions blocking it; a restore uses one for each of its jobs; tidy, doctor
// and the cutter of a swap need some more.
std::int64_t sessions_needed(const Cluster& cluster, const Config& config) {
  std::int64_t restore = 0;
  for (const auto& [name, application] : config.applications) {
    if (application.cluster != cluster.config().name) continue;
    restore = std::max<std::int64_t>(restore, application.restore_jobs + 2);
  }
  return 3 * cluster.config().copies + restore + 6;
}

Finding examine_connections(Cluster& cluster, const Config& config) {
  const std::int64_t needed = sessions_needed(cluster, config);
  const Row row =
      cluster.sql()
          .query(
              "SELECT current_setting('max_connections')::int, "
              "current_setting('superuser_reserved_connections')::int, "
              "(SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL "
              "AND "
              "usename <> current_user), "
              "(SELECT rolconnlimit FROM pg_roles WHERE rolname = "
              "current_user)")
          .at(0);
  const std::int64_t most = cell_number(row[0]), others = cell_number(row[2]);
  const std::int64_t left = most - cell_number(row[1]) - others;
  const std::int64_t limit = cell_number(row[3]);
  const std::string wants =
      "Berth needs up to " + std::to_string(needed) + " connections, ";
  if (limit >= 0 && limit < needed) {
    return bad(wants + "but its role is limited to " + std::to_string(limit),
               {"ALTER ROLE " + cluster.quoted(cluster.role()) +
                " CONNECTION LIMIT -1"});
  }
  if (left < needed) {
    return bad(wants + "but only " + std::to_string(left) + " of " +
                   std::to_string(most) +
                   " are free; end sessions, or raise max_connections (takes "
                   "effect when PostgreSQL restarts)",
               {"ALTER SYSTEM SET max_connections = " +
                std::to_string(most + needed)});
  }
  return good(wants + std::to_string(left) + " of " + std::to_string(most) +
              " are free");
}

// undo_until is written by the console's clock, but a database is dropped only
// when the clocks of both are past it.
Finding examine_clock(Cluster& cluster) {
  const std::int64_t ahead =
      cell_number(
          cluster.sql()
              .query(
                  "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint")
              .at(0)
              .at(0)) -
      wall_now();
  const std::string by = std::to_string(std::abs(ahead)) + " s";
  if (std::abs(ahead) <= kClocksApart) {
    return good("its clock is within " + by + " of the console's");
  }
  return bad("its clock is " + by + (ahead > 0 ? " ahead of" : " behind") +
             " the console's; a database is dropped only when both clocks "
             "are past its undo time; synchronize both with NTP");
}

std::string mib(std::int64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

Finding examine_disk(Cluster& cluster) {
  const std::int64_t floor = cluster.config().disk_floor;
  if (const auto free = free_bytes(cluster)) {
    const std::string text = mib(*free) +
                             " are free on the cluster's disk, disk_floor "
                             "is " +
                             mib(floor);
    if (*free >= floor) return good(text);
    return bad(text + ": no copy is made until more is free");
  }
  const std::string host = address_of(cluster.config()).host;
  const bool near = host.starts_with('/') || host == "localhost" ||
                    host == "127.0.0.1" || host == "::1";
  if (!near) {
    return good(
        "the free space of its disk is unknown, because it is on another "
        "machine: disk_floor has no effect; monitor the disk on " +
        host);
  }
  const bool may =
      cluster.sql()
          .query("SELECT pg_has_role('pg_read_all_settings', 'USAGE')")
          .at(0)
          .at(0) == Cell("t");
  if (may) {
    return bad(
        "the file system of its data directory cannot be read: "
        "disk_floor has no effect");
  }
  return bad(
      "the role may not read where its data directory is: disk_floor has "
      "no effect",
      {"GRANT pg_read_all_settings TO " + cluster.quoted(cluster.role())});
}

Finding examine_way(Cluster& cluster) {
  const Connection& sql = cluster.sql();
  const ConninfoValues values = {{"host", sql.option("host")},
                                 {"hostaddr", sql.option("hostaddr")},
                                 {"sslmode", sql.option("sslmode")}};
  const std::string why = why_unverified(values);
  if (!why.empty()) {
    return bad("conninfo " + why +
               " (insecure = true in berth.conf allows it); add "
               "sslmode=verify-full and sslrootcert=FILE to conninfo, with "
               "the certificate of the authority that signed the server's, and "
               "remove insecure");
  }
  if (stays_on_this_machine(values)) {
    return good("the connection does not leave this machine");
  }
  return good("the server's certificate is verified (" + sql.tls() + ")");
}

}  // namespace

Findings examine_place(Cluster& cluster, const Config& config) {
  return {examine_database(cluster, config),
          examine_connections(cluster, config), examine_clock(cluster),
          examine_disk(cluster), examine_way(cluster)};
}

Findings examine_databases(Cluster& cluster, const Config& config) {
  Findings out;
  for (const Database& d : cluster.databases()) {
    if (!d.marker || d.marker->site != cluster.names().site()) continue;
    const std::string& kind = d.marker->kind;
    if (d.collation_differs && kind == "live") {
      out.push_back(bad(d.name +
                            ": the system's collations have changed "
                            "since its indexes were built; run REINDEX "
                            "DATABASE, connected to it, then",
                        {"ALTER DATABASE " + cluster.quoted(d.name) +
                         " REFRESH COLLATION VERSION"}));
    } else if (d.collation_differs && kind != "trash") {
      out.push_back(bad(d.name +
                        ": the system's collations have changed "
                        "since it was created, so PostgreSQL refuses to copy "
                        "it; create a new one with: berthctl refresh " +
                        d.marker->application));
    }
    for (const auto& stays : lasting(cluster.link(), [&] {
           return cluster.obstacles(d.name);
         })) {
      out.push_back(bad(d.name + ": " + stays.text));
    }
    const ApplicationConfig* application = application_on(
        config, cluster.config().name, d.marker->application);
    // Membership in that role is not suggested, because it may be a superuser.
    // doctor_role reports what Berth needs of the application's own owner.
    if (!d.ours_to_alter && application && d.owner != application->owner) {
      out.push_back(bad(d.name + ": owned by " + d.owner + ", and " +
                            cluster.role() + " is not a member of that role",
                        {"ALTER DATABASE " + cluster.quoted(d.name) +
                         " OWNER TO " + cluster.quoted(application->owner)}));
    }
  }
  if (out.empty()) {
    out.push_back(
        good("nothing keeps a database from being copied or "
             "replaced"));
  }
  return out;
}

}  // namespace berth::worker
