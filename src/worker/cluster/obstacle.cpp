// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/obstacle.hpp"

#include <algorithm>

#include "step/deadline.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kLookAgain = 100;  // ms

}  // namespace

std::vector<Obstacle> lasting(
    Link& link, const std::function<std::vector<Obstacle>()>& look) {
  const Deadline deadline = Deadline::in_ms(kPasses);
  std::vector<Obstacle> stays = look();
  while (!stays.empty() && !deadline.passed()) {
    link.sleep(kLookAgain);
    const std::vector<Obstacle> now = look();
    std::erase_if(stays, [&](const Obstacle& before) {
      return std::none_of(
          now.begin(), now.end(),
          [&](const Obstacle& o) { return o.id == before.id; });
    });
  }
  return stays;
}

std::string sentence_of(const std::vector<Obstacle>& obstacles) {
  std::string out;
  for (const Obstacle& obstacle : obstacles) {
    out += (out.empty() ? "" : "; ") + obstacle.text;
  }
  return out;
}

}  // namespace berth::worker
