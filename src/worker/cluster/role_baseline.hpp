// SPDX-License-Identifier: GPL-2.0-or-later
// The file cache/APP.roles.json: roles of an application as they were before a
// refresh restored a dump. An entry exists while a dump is being restored, and
// afterwards until the roles are the same again. Without it only the first
// refresh would fail for what SQL of its dump wrote into a role; the next would
// take that for a change by the administrator.
//
//   {"version": 2, "entries": [
//     {"system": "7000...", "owner": "shop", "login": "shop_restore",
//      "facts": {KEY: {"value": "...", "shown": "...", "restore": "...",
//                      "remove": "...", "roles": ["shop"],
//                      "database": null}}}]}
//
// Facts that refuse nothing (role_watch.hpp: the owner's settings) are not in
// it.
//
// There is one entry for each cluster and pair of roles, the newest last. A
// role outlives what berth.conf says of it, and two applications can name it.
// So a refresh compares
//
//   all entries of its own file for the cluster, whichever roles berth.conf
//   names today, and removes those whose roles are unchanged
//
//   in the files of other applications, the entries that name its owner or its
//   login role. Their refreshes may be running: unchanged roles do not stop
//   this one, and nothing is written.
//
// A membership that berth.conf requires (doctor prints the GRANT) may have been
// granted since, because an administrator can add an application while a file
// exists.
//
// Entries of other clusters remain, at most the newest seven; the oldest is
// dropped. A file that cannot be read, or that a later version wrote, fails the
// refresh, which would otherwise lose it. Version 1, a single entry whose facts
// are lists of four texts, is read. The limit is 4 MiB.
//
// There is one writer: the refresh jobs of the application, which run one at a
// time. kill -9 leaves the entry, and the worker that settles the job removes
// it if the roles are unchanged; if the cluster is unreachable, the next
// refresh does. A half-written file is removed by the next keep(). An
// administrator who changed a role himself meanwhile removes the file, which
// the message names; and also that of an application that is no longer in
// berth.conf, which berthctl check reports.
//
// Use:  RoleBaseline baseline(cache, "shop");
//       RoleWatch watch(...);
//       baseline.require_undone(cluster, config, "shop_restore");
//       baseline.keep(watch);
//       ... pg_restore, scripts ...
//       if (watch.sentence().empty()) baseline.forget(cluster, owner, login);
#pragma once

#include <string>
#include <vector>

#include "base/dir.hpp"
#include "worker/cluster/role_watch.hpp"

namespace berth::worker {

// The roles of one cluster (system identifier) and one pair of roles.
struct BaselineEntry {
  std::string system, owner, login;
  RoleFacts facts;
};
using BaselineEntries = std::vector<BaselineEntry>;

class RoleBaseline {
 public:
  RoleBaseline(const std::string& cache, const std::string& application)
      : cache_(cache), application_(application) {}

  // Replaces an entry of the same cluster and roles.
  void keep(const RoleWatch& watch) const;
  // Removes the entry of this cluster and these roles.
  void forget(const Cluster& cluster, const std::string& owner,
              const std::string& login) const;
  // Throws Error("refresh", "roles of APP", ...) with the differences, the SQL
  // that undoes each, and the file. `config` must contain the application.
  void require_undone(Cluster& cluster, const Config& config,
                      const std::string& login) const;

 private:
  std::string name() const;
  // Without entries the file is removed.
  void write(const Dir& cache, const BaselineEntries& entries) const;
  void require_undone_of_others(const Dir& cache, Cluster& cluster,
                                const Config& config,
                                const std::string& login) const;

  std::string cache_;
  std::string application_;
};

}  // namespace berth::worker
