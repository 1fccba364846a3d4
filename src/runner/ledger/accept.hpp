// SPDX-License-Identifier: GPL-2.0-or-later
// Turns drops into receipts: reads each drop in drop-root/ and drop/, decides
// it once, makes the decision durable, applies it, and only then removes the
// drop. Root's folder is checked before each drop of the other. After kill -9
// at any point the next scan continues:
//
//   drop, no receipt     decide it
//   drop and receipt     apply it again, never decide it again
//   receipt, no drop     done; a later drop with this token is a repetition and
//                        is only removed
//
// A token identifies one request in either folder: its receipt counts for both,
// and a drop for which that receipt was not given is not accepted as a drop.
//
// The scan is authoritative; inotify only says when to scan.
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
  // `web_uid` owns the drops in drop/, uid 0 those in drop-root/.
  Acceptor(const Layout& layout, World& world, Ledger& ledger, uid_t web_uid);

  // At start: reads the receipts and applies the drops that have one again. Job
  // numbers in receipts count as assigned.
  void recover();
  // Call it after an event in one of the folders.
  void look();
  // Works for a tenth of a second at most; returns true if there is more to do.
  // A disk error is logged once and retried after a second.
  bool tend(std::int64_t now_ms);
  // On TERM: completes what has a receipt, decides nothing new.
  void stop() { stopped_ = true; }
  // Receipts were removed: their tokens may be used by new requests.
  void forget_swept();
  // Removes rubbish that is older (bad_drops.hpp).
  void sweep_rubbish(Instant before);

 private:
  // The folder to read from next; nullptr: no drop waits.
  Inbox* next();
  bool more();
  void take(Inbox& inbox, const std::string& token);
  Receipt decided(const Drop& drop);
  // Removes the drop; false: its name is now that of something else.
  bool done(Inbox& inbox, const std::string& token);

  World& world_;
  Ledger& ledger_;
  std::array<Inbox, 2> inboxes_;     // root's, then the web's
  Dir receipts_;
  IdleReceipts idle_;
  std::set<std::string> finished_;   // tokens with a receipt and no drop
  // Its effects may be written in part, so it is retried before any other.
  Inbox* troubled_ = nullptr;
  bool stopped_ = false;
  std::int64_t next_scan_ = 0;
  std::int64_t not_before_ = 0;
  std::string trouble_;
};

}  // namespace berth::runner
