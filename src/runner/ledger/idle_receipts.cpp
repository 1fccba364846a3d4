// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ledger/idle_receipts.hpp"

#include <iterator>

#include "store/drop.hpp"

namespace berth::runner {

// Needs no sync: a receipt that reappears after a crash is found at start.
void IdleReceipts::drop(Place place, const Dir& receipts,
                        std::set<std::string>& finished) {
  receipts.unlink(drop_name(place->token));
  finished.erase(place->token);
  forget(std::string(place->token));
}

void IdleReceipts::forget(const std::string& token) {
  const auto known = by_token_.find(token);
  if (known == by_token_.end()) return;
  const Place place = known->second;
  const auto user = of_.find(place->user);
  user->second.remove(place);
  if (user->second.empty()) of_.erase(user);
  by_token_.erase(known);
  all_.erase(place);
}

void IdleReceipts::note(const Receipt& receipt, const Dir& receipts,
                        std::set<std::string>& finished) {
  forget(receipt.token);
  if (!receipt.effects.empty()) return;
  all_.push_back({receipt.user, receipt.token});
  by_token_[receipt.token] = std::prev(all_.end());
  auto& mine = of_[receipt.user];
  mine.push_back(std::prev(all_.end()));
  if (mine.size() > kIdleOfUser) {
    drop(Place(mine.front()), receipts, finished);
  } else if (all_.size() > kIdleOfAll) {
    drop(all_.begin(), receipts, finished);
  }
}

}  // namespace berth::runner
