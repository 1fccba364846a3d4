// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/layout.hpp"

namespace berth {

Layout::Layout(const PathsConfig& paths)
    : drop(paths.spool + "/drop"),
      drop_root(paths.spool + "/drop-root"),
      receipts(paths.spool + "/receipts"),
      queue(paths.spool + "/queue"),
      active(paths.spool + "/active"),
      bad(paths.spool + "/bad"),
      lock(paths.spool + "/lock"),
      history(paths.lib + "/history"),
      application_history(paths.lib + "/history/applications"),
      cluster_history(paths.lib + "/history/clusters"),
      state(paths.lib + "/state"),
      lib(paths.lib),
      log(paths.log),
      run(paths.run),
      cache(paths.cache),
      clusters(paths.lib + "/clusters"),
      known_hosts(paths.lib + "/known_hosts") {}

}  // namespace berth
