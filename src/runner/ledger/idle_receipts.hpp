// SPDX-License-Identifier: GPL-2.0-or-later
// Receipts without an effect: refusals, and requests for the current state. A
// user gets any number of them at no cost, and each is a file that is kept for
// seven days. So only the last kIdleOfUser of each user and the last kIdleOfAll
// of all users are kept; a new one displaces the oldest. The limits exceed the
// number of requests that can wait at a time (web_processes), and since nothing
// was changed, a request without its receipt may be decided again.
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
  // Adds a receipt whose drop is removed; older ones must be added first. Those
  // displaced are removed from `receipts` and from `finished`.
  void note(const Receipt& receipt, const Dir& receipts,
            std::set<std::string>& finished);
  // Call it before a token is decided again: its new receipt may have an effect
  // and must not be removed here.
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
  std::map<std::string, std::list<Place>> of_;   // the same, by user
  std::map<std::string, Place> by_token_;        // the same
};

}  // namespace berth::runner
