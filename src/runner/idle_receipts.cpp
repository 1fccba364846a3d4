// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/idle_receipts.hpp"

#include <iterator>

#include "store/drop.hpp"

namespace berth::runner {

// Without a sync: one that a crash brings back is found at start.
void IdleReceipts::drop(Place place, const Dir& receipts,
                        std::set<std::string>& finished) {
  receipts.unlink(drop_name(place->token));
  finished.erase(place->token);
  const auto user = of_.find(place->user);
  user->second.remove(place);
  if (user->second.empty()) of_.erase(user);
  all_.erase(place);
}

void IdleReceipts::note(const Receipt& receipt, const Dir& receipts,
                        std::set<std::string>& finished) {
  if (!receipt.effects.empty()) return;
  all_.push_back({receipt.user, receipt.token});
  auto& mine = of_[receipt.user];
  mine.push_back(std::prev(all_.end()));
  if (mine.size() > kIdleOfUser) {
    drop(mine.front(), receipts, finished);
  } else if (all_.size() > kIdleOfAll) {
    drop(all_.begin(), receipts, finished);
  }
}

}  // namespace berth::runner
