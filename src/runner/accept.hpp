// SPDX-License-Identifier: GPL-2.0-or-later
// From drop/ to receipts/: reads what was submitted, decides once, makes the
// decision durable, applies it, and only then removes the drop. In any state
// that kill -9 leaves behind, the next scan goes on:
//
//   drop, no receipt     decide
//   drop and receipt     apply again, never decide again
//   receipt, no drop     done; a drop that comes under this token later is a
//                        repetition and is only removed
//
// The scan is the truth; inotify only says when to look.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>

#include "runner/bad_drops.hpp"
#include "runner/ledger.hpp"

namespace berth::runner {

class Acceptor {
 public:
  Acceptor(const Layout& layout, World& world, Ledger& ledger, uid_t web_uid);

  // At start: receipts into memory, drops that have one applied again. The
  // job numbers receipts gave out count for the sequence.
  void recover();
  // Something happened in drop/.
  void look() { look_ = true; }
  // Works for a tenth of a second at most; true when there is more to do.
  // A disk that refuses is told of once and tried again a second later.
  bool tend(std::int64_t now_ms);
  // TERM: finishes what has a receipt, decides nothing new.
  void stop() { stopped_ = true; }
  // Receipts were swept: their tokens may come again as new submissions.
  void forget_swept();
  BadDrops& bad_drops() { return bad_drops_; }

 private:
  void scan();
  void take(const std::string& token);
  Receipt decided(const Drop& drop);
  void done(const std::string& token);

  World& world_;
  Ledger& ledger_;
  Dir spool_drop_;
  Dir receipts_;
  Dir bad_;
  BadDrops bad_drops_;
  std::set<std::string> finished_;   // tokens with a receipt and no drop
  std::deque<std::string> pending_;
  uid_t web_uid_;
  bool look_ = true;
  bool stopped_ = false;
  std::int64_t next_scan_ = 0;
  std::int64_t not_before_ = 0;
  std::string trouble_;
};

}  // namespace berth::runner
