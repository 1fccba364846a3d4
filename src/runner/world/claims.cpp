// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/claims.hpp"

#include <algorithm>

namespace berth::runner {
namespace {

template <class Askers>
auto find(Askers& askers, std::int64_t job) {
  return std::find_if(askers.begin(), askers.end(),
                      [job](const auto& asker) { return asker.job == job; });
}

template <class Askers>
bool has(const Askers& askers, std::int64_t job) {
  return find(askers, job) != askers.end();
}

}  // namespace

bool Claims::ask(std::int64_t job, const std::string& claim,
                 std::size_t limit, bool background) {
  Line& line = lines_[claim];
  if (has(line.have, job)) return true;
  if (has(line.wait, job)) return false;
  if (line.have.size() < limit && line.wait.empty()) {
    line.have.push_back({job, background});
    return true;
  }
  auto at = line.wait.end();
  while (!background && at != line.wait.begin() && (at - 1)->background) --at;
  line.wait.insert(at, {job, background});
  return false;
}

std::vector<std::int64_t> Claims::in_the_way(const std::string& claim) const {
  std::vector<std::int64_t> out;
  const auto found = lines_.find(claim);
  if (found == lines_.end()) return out;
  auto people = std::count_if(
      found->second.wait.begin(), found->second.wait.end(),
      [](const Asker& asker) { return !asker.background; });
  // The youngest first, because it has done the least work.
  const auto& have = found->second.have;
  for (auto it = have.rbegin(); it != have.rend() && people > 0; ++it) {
    if (!it->background) continue;
    out.push_back(it->job);
    --people;
  }
  return out;
}

std::vector<std::int64_t> Claims::give(std::int64_t job,
                                       const std::string& claim,
                                       std::size_t limit) {
  std::vector<std::int64_t> granted;
  const auto found = lines_.find(claim);
  if (found == lines_.end()) return granted;
  Line& line = found->second;
  const auto mine = [job](const Asker& asker) { return asker.job == job; };
  std::erase_if(line.have, mine);
  std::erase_if(line.wait, mine);
  while (line.have.size() < limit && !line.wait.empty()) {
    granted.push_back(line.wait.front().job);
    line.have.push_back(line.wait.front());
    line.wait.erase(line.wait.begin());
  }
  if (line.have.empty() && line.wait.empty()) lines_.erase(found);
  return granted;
}

std::vector<std::string> Claims::of(std::int64_t job) const {
  std::vector<std::string> out;
  for (const auto& [claim, line] : lines_) {
    if (has(line.have, job) || has(line.wait, job)) out.push_back(claim);
  }
  return out;
}

std::optional<Waiting> Claims::waiting(std::int64_t job) const {
  for (const auto& [claim, line] : lines_) {
    const auto at = find(line.wait, job);
    if (at == line.wait.end()) continue;
    Waiting out;
    out.claim = claim;
    if (!line.have.empty()) out.holder = line.have.front().job;
    out.place = static_cast<std::size_t>(at - line.wait.begin()) + 1;
    return out;
  }
  return std::nullopt;
}

}  // namespace berth::runner
