// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/undo_database.hpp"

#include <algorithm>

#include "model/job.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kUndoLock = 30 * 1000;

std::string swap_of(const FormerOf& of) {
  return job_text(of.job) + " on " + of.server;
}

Database found_former(Cluster& cluster, const FormerOf& of) {
  auto found = find_former(cluster, of);
  if (!found) {
    throw Error("find the former database of", swap_of(of),
                "it no longer exists: it was dropped after its undo time");
  }
  return std::move(*found);
}

}  // namespace

std::optional<Database> find_former(Cluster& cluster, const FormerOf& of) {
  std::optional<Database> unproven;
  for (Database& d : cluster.databases()) {
    if (cluster.names().trash_job(d.name) == of.job &&
        cluster.names().trash_oid(d.name) == d.oid &&
        cluster.is_marked(d, "trash") && d.marker->job != of.job &&
        d.marker->application == of.application &&
        d.marker->server == of.server) {
      if (d.owner == cluster.role()) return std::move(d);
      if (!unproven) unproven = std::move(d);
    }
  }
  return unproven;
}

Database require_former(Cluster& cluster, const FormerOf& of,
                        const FormerWanted& wanted) {
  Database former = found_former(cluster, of);
  const auto refuse = [&](const std::string& why) {
    throw Error("bring back", "database " + former.name, why);
  };
  if (wanted.oid && *wanted.oid != former.oid) {
    refuse("by history the database before " + swap_of(of) +
           " had OID " + std::to_string(*wanted.oid));
  }
  const Instant until = former.marker->undo_until.value_or(0);
  if (until <= wanted.at) {
    refuse("it was kept only until " + rfc3339(until));
  }
  if (former.is_template) refuse("it has been made a template");
  if (former.connection_limit == -2) {
    refuse("it is invalid: somebody began to drop it");
  }
  if (!former.ours_to_alter) {
    refuse("it is owned by " + former.owner +
           ", and Berth's role is not a member of that role");
  }
  if (former.owner != cluster.role() && former.owner != wanted.owner) {
    refuse("it is owned by " + former.owner + ", neither by " + cluster.role() +
           " nor by " + wanted.owner + " as in berth.conf");
  }
  return former;
}

Instant keep_former(Cluster& cluster, const FormerOf& of, Instant until,
                    Instant latest) {
  const std::string name = found_former(cluster, of).name;
  cluster.lock(name, Deadline::in_ms(kUndoLock));
  // Read again: now nobody can be dropping it.
  const Database former = found_former(cluster, of);
  DatabaseMarker marker = *former.marker;
  const Instant kept =
      std::min(std::max(until, marker.undo_until.value_or(0)), latest);
  if (marker.undo_until != kept) {
    marker.undo_until = kept;
    cluster.comment(former.name, marker);
  }
  cluster.unlock(name);
  return kept;
}

}  // namespace berth::worker
