// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/claims.hpp"

#include <algorithm>

namespace berth::runner {
namespace {

bool has(const std::vector<std::int64_t>& jobs, std::int64_t job) {
  return std::find(jobs.begin(), jobs.end(), job) != jobs.end();
}

}  // namespace

bool Claims::ask(std::int64_t job, const std::string& claim,
                 std::size_t limit) {
  Line& line = lines_[claim];
  if (has(line.have, job)) return true;
  if (has(line.wait, job)) return false;
  if (line.have.size() < limit && line.wait.empty()) {
    line.have.push_back(job);
    return true;
  }
  line.wait.push_back(job);
  return false;
}

std::vector<std::int64_t> Claims::give(std::int64_t job,
                                       const std::string& claim,
                                       std::size_t limit) {
  std::vector<std::int64_t> granted;
  const auto found = lines_.find(claim);
  if (found == lines_.end()) return granted;
  Line& line = found->second;
  std::erase(line.have, job);
  std::erase(line.wait, job);
  while (line.have.size() < limit && !line.wait.empty()) {
    granted.push_back(line.wait.front());
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
    const auto at = std::find(line.wait.begin(), line.wait.end(), job);
    if (at == line.wait.end()) continue;
    Waiting out;
    out.claim = claim;
    if (!line.have.empty()) out.holder = line.have.front();
    out.place = static_cast<std::size_t>(at - line.wait.begin()) + 1;
    return out;
  }
  return std::nullopt;
}

}  // namespace berth::runner
