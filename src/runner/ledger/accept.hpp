// SPDX-License-Identifier: GPL-2.0-or-later
// From drop/ and drop-root/ to receipts/: reads what was submitted, decides
// once, makes the decision durable, applies it, and only then removes the drop.
// Root's folder comes first, before each drop of the other. In any state that
// kill -9 leaves behind, the next scan goes on:
//
//   drop, no receipt     decide
//   drop and receipt     apply again, never decide again
//   receipt, no drop     done; a drop that comes under this token later is a
//                        repetition and is only removed
//
// A token is one request's, whichever folder it is in: the receipt that is
// there counts for both, and a drop that it was not given for is no drop.
//
// The scan is the truth; inotify only says when to look.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>

#include "runner/ledger/idle_receipts.hpp"
#include "runner/ledger/inbox.hpp"
#include "runner/ledger/ledger.hpp"

namespace berth::runner {

class Acceptor {
 public:
  // Drops of drop/ belong to `web_uid`, those of drop-root/ to uid 0.
  Acceptor(const Layout& layout, World& world, Ledger& ledger, uid_t web_uid);

  // At start: receipts into memory, drops that have one applied again. The
  // job numbers receipts gave out count for the sequence.
  void recover();
  // Something happened in one of the folders.
  void look();
  // Works for a tenth of a second at most; true when there is more to do.
  // A disk that refuses is told of once and tried again a second later.
  bool tend(std::int64_t now_ms);
  // TERM: finishes what has a receipt, decides nothing new.
  void stop() { stopped_ = true; }
  // Receipts were swept: their tokens may come again as new submissions.
  void forget_swept();
  // Rubbish older than that goes (bad_drops.hpp).
  void sweep_rubbish(Instant before);

 private:
  // The folder whose turn it is; nullptr: nothing waits.
  Inbox* next();
  bool more();
  void take(Inbox& inbox, const std::string& token);
  Receipt decided(const Drop& drop);
  // Removes the drop; false: something that is none has its name.
  bool done(Inbox& inbox, const std::string& token);

  World& world_;
  Ledger& ledger_;
  std::array<Inbox, 2> inboxes_;     // root's, the web's
  Dir receipts_;
  IdleReceipts idle_;
  std::set<std::string> finished_;   // tokens with a receipt and no drop
  // What it changes may be on disk in part: it is tried again before any other.
  Inbox* troubled_ = nullptr;
  bool stopped_ = false;
  std::int64_t next_scan_ = 0;
  std::int64_t not_before_ = 0;
  std::string trouble_;
};

}  // namespace berth::runner
