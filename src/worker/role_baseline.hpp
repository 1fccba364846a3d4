// SPDX-License-Identifier: GPL-2.0-or-later
// cache/APP.roles.json: the roles of an application as they were before a
// refresh restored a dump. It is there while a dump is at work, and after it
// until the roles are so again: without it only the first refresh would fail
// for what SQL of its dump wrote into a role, and the next would take that for
// the administrator's.
//
//   {"version": 1, "system": "7000...", "owner": "shop",
//    "login": "shop_restore", "facts": {KEY: [VALUE, SHOWN, RESTORE, REMOVE]}}
//
// One of another cluster or other roles is as good as none, and so is one that
// cannot be read. At most 4 MiB. Written and read by refresh jobs, one at a
// time for an application; an administrator who changed a role himself
// meanwhile removes it.
//
// Use:  RoleBaseline baseline(cache, "shop");
//       baseline.require_undone(cluster, "shop", "shop_restore");
//       RoleWatch watch(...);
//       baseline.keep(watch);
//       ... pg_restore, scripts ...
//       if (watch.changes().empty()) baseline.forget();
#pragma once

#include <string>

#include "worker/role_watch.hpp"

namespace berth::worker {

class RoleBaseline {
 public:
  RoleBaseline(const std::string& cache, const std::string& application)
      : cache_(cache), application_(application) {}

  void keep(const RoleWatch& watch) const;
  void forget() const;
  // Throws Error("refresh", "roles of APP", ...) with the differences and the
  // SQL that undoes each; forgets where there is none.
  void require_undone(Cluster& cluster, const std::string& owner,
                      const std::string& login) const;

 private:
  std::string name() const { return application_ + ".roles.json"; }
  std::string cache_;
  std::string application_;
};

}  // namespace berth::worker
