// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ledger/inbox.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace berth::runner {

Inbox::Inbox(const std::string& path, const std::string& bad, uid_t owner,
             bool roots)
    : dir_(path),
      bad_(bad),
      bad_drops_(dir_, bad_),
      walk_(dir_),
      owner_(owner),
      roots_(roots) {}

bool Inbox::fill() {
  if (!pending_.empty()) return true;
  if (walk_.ended()) {
    if (!look_) return false;
    look_ = false;
  }
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const auto& name : walk_.next(kNamesPerLook)) {
    if (name.starts_with('.')) continue;
    auto token = token_of_drop(name);
    if (!token) {
      bad_drops_.note(name, {"its name is not TOKEN.json", ""});
      continue;
    }
    const auto st = dir_.stat(name);
    if (!st || bad_drops_.noted(name)) continue;
    found.emplace_back(std::int64_t{st->st_mtim.tv_sec} * 1'000'000'000 +
                           st->st_mtim.tv_nsec,
                       *std::move(token));
  }
  std::sort(found.begin(), found.end());
  for (auto& [at, token] : found) pending_.push_back(std::move(token));
  return !pending_.empty() || !walk_.ended();
}

}  // namespace berth::runner
