// SPDX-License-Identifier: GPL-2.0-or-later
// cache/APP.roles.json: roles of an application as they were before a refresh
// restored a dump. An entry is there while a dump is at work, and after it
// until the roles are so again: without it only the first refresh would fail
// for what SQL of its dump wrote into a role, and the next would take that for
// the administrator's.
//
//   {"version": 2, "entries": [
//     {"system": "7000...", "owner": "shop", "login": "shop_restore",
//      "facts": {KEY: {"value": "...", "shown": "...", "restore": "...",
//                      "remove": "...", "roles": ["shop"],
//                      "database": null}}}]}
//
// What refuses nothing (role_watch.hpp: the owner's settings) is not in it.
//
// One entry for each cluster and pair of roles, newest last. A role outlives
// what berth.conf says of it, and two applications can name it. So a refresh
// compares
//
//   all entries of its own file for the cluster, whichever roles berth.conf
//   names today, and forgets those whose roles are as they were
//
//   in the files of other applications those that name its owner or who logs
//   in for it. Their refreshes may be running: roles that are as they were are
//   no reason to stop, and nothing is written.
//
// A membership that berth.conf asks for (doctor prints the GRANT) may have come
// since: an administrator adds an application while a file is left.
//
// Entries of another cluster remain, the newest seven at most: the oldest is
// dropped. A file that cannot be read, or that a later version wrote, fails the
// refresh, which would lose it; one of version 1, a single entry whose facts
// are lists of four texts, is read. At most 4 MiB.
//
// One writer: the refresh jobs of the application, one at a time. kill -9
// leaves the entry, and the worker that settles the job forgets it if the roles
// are as they were; after a cluster went away the next refresh does. What it
// leaves of a file half written the next keep() removes. An administrator who
// changed a role himself meanwhile removes the file, which the message names;
// also that of an application that berth.conf no longer has, which berthctl
// check notes.
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

// Of one cluster, by its system identifier, and one pair of roles.
struct BaselineEntry {
  std::string system, owner, login;
  RoleFacts facts;
};
using BaselineEntries = std::vector<BaselineEntry>;

class RoleBaseline {
 public:
  RoleBaseline(const std::string& cache, const std::string& application)
      : cache_(cache), application_(application) {}

  // In the place of an entry of the same cluster and roles.
  void keep(const RoleWatch& watch) const;
  // The entry of that cluster and these roles.
  void forget(const Cluster& cluster, const std::string& owner,
              const std::string& login) const;
  // Throws Error("refresh", "roles of APP", ...) with the differences, the SQL
  // that undoes each, and the file. `config` has the application.
  void require_undone(Cluster& cluster, const Config& config,
                      const std::string& login) const;

 private:
  std::string name() const;
  // No entry: removes the file.
  void write(const Dir& cache, const BaselineEntries& entries) const;
  void require_undone_of_others(const Dir& cache, Cluster& cluster,
                                const Config& config,
                                const std::string& login) const;

  std::string cache_;
  std::string application_;
};

}  // namespace berth::worker
