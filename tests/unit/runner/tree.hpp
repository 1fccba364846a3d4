// SPDX-License-Identifier: GPL-2.0-or-later
// berthd's folders in a temporary place, and the parts that keep truth on
// them, without processes: as often started anew as a test wants.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "runner/console.hpp"
#include "runner/ledger/accept.hpp"
#include "store/drop.hpp"
#include "temporary_dir.hpp"

namespace berth::runner {

struct Tree {
  TemporaryDir dir;
  Tree() {
    for (const char* folder :
         {"spool/drop", "spool/drop-root", "spool/receipts", "spool/queue",
          "spool/active",
          "spool/bad", "spool/lock", "lib/history/applications",
          "lib/history/clusters", "lib/state", "log"}) {
      std::filesystem::create_directories(dir / folder);
    }
  }
  Layout layout() const {
    return Layout({dir / "spool", dir / "lib", dir / "log", dir / "run",
                   dir / "cache"});
  }
  void drop(const Drop& drop) const {
    write_drop(Dir(drop.by_root ? layout().drop_root : layout().drop), drop);
  }
  std::size_t lines(const std::string& subject) const {
    return read_history(Dir(layout().history), subject, 1000, std::nullopt)
        .size();
  }
  bool has(const std::string& path) const {
    return std::filesystem::exists(dir / path);
  }
  std::string receipt(const std::string& token) const {
    return dir.get("spool/receipts/" + token + ".json");
  }
};

// One life of berthd.
struct Life {
  World world = small_console();
  Layout layout;
  Ledger ledger;
  Acceptor acceptor;
  explicit Life(const Tree& tree)
      : layout(tree.layout()),
        ledger(layout, world),
        acceptor(layout, world, ledger, ::getuid()) {
    world.config.disk_floor = 0;
    ledger.load();
    acceptor.recover();
  }
  void accept() {
    acceptor.look();
    while (acceptor.tend(monotonic_ms())) {
    }
  }
};

// As a submission made now: its age counts.
inline Drop submitted(char token, const std::string& user,
                      const std::string& action, const std::string& target,
                      const std::string& arguments, uid_t owner = 33) {
  Drop drop = drop_of(user, action, target, arguments, owner);
  drop.token = std::string(32, token);
  drop.at = wall_now();
  return drop;
}

inline JobResult result_of(Outcome outcome) {
  JobResult result;
  result.outcome = outcome;
  result.detail = to_text(outcome);
  return result;
}

}  // namespace berth::runner
