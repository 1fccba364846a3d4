// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/recent.hpp"

#include <algorithm>

namespace berth::runner {
namespace {

constexpr Instant kWindow = 60;  // seconds

// The wall clock may be set back, so an instant in the future counts as past.
bool is_over(Instant at, Instant now) {
  return at > now || at + kWindow <= now;
}

}  // namespace

void Recent::note(const std::string& user, Instant now) {
  while (!all_.empty() && is_over(all_.front().at, now)) {
    const auto found = of_.find(all_.front().user);
    found->second.pop_front();
    if (found->second.empty()) of_.erase(found);
    all_.pop_front();
  }
  all_.push_back({now, user});
  of_[user].push_back(now);
}

std::int64_t Recent::full_for(const std::string& user, Instant now,
                              int most) const {
  const auto found = of_.find(user);
  if (found == of_.end()) return 0;
  const auto first = std::find_if(
      found->second.begin(), found->second.end(),
      [now](Instant at) { return !is_over(at, now); });
  const auto left = found->second.end() - first;
  if (left < most) return 0;
  // The change that must expire before there is room.
  const Instant at = *(first + (left - most));
  return std::max<Instant>(1, at + kWindow - now);
}

}  // namespace berth::runner
