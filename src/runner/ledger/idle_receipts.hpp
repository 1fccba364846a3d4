// SPDX-License-Identifier: GPL-2.0-or-later
// Receipts without an effect: refusals, and what was so already. A user gets as
// many as he asks for, at no cost to him, and each is a file for seven days. So
// of each user the last kIdleOfUser are kept, and of all the last kIdleOfAll;
// the oldest goes when another comes. That is more than can be waited for at a
// time (web_processes), and as nothing was changed, a request whose receipt is
// gone may be decided again.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <set>
#include <string>

#include "base/dir.hpp"
#include "store/receipt.hpp"

namespace berth::runner {

inline constexpr std::size_t kIdleOfUser = 200;
inline constexpr std::size_t kIdleOfAll = 10'000;

class IdleReceipts {
 public:
  // A receipt whose drop is gone, older ones first. Those that must go are
  // removed from `receipts`, and from `finished`.
  void note(const Receipt& receipt, const Dir& receipts,
            std::set<std::string>& finished);
  // Before a token is decided once more: its receipt may get an effect, and is
  // no longer ours to remove.
  void forget(const std::string& token);
  std::size_t size() const { return all_.size(); }

 private:
  struct Idle {
    std::string user;
    std::string token;
  };
  using Place = std::list<Idle>::iterator;
  void drop(Place place, const Dir& receipts, std::set<std::string>& finished);
  std::list<Idle> all_;                          // oldest first
  std::map<std::string, std::list<Place>> of_;   // the same, of each user
  std::map<std::string, Place> by_token_;        // the same
};

}  // namespace berth::runner
