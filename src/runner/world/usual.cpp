// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/usual.hpp"

#include <algorithm>
#include <vector>

#include "model/outcome.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

constexpr std::size_t kRemembered = 10;

std::int64_t median(const std::deque<std::int64_t>& last) {
  std::vector<std::int64_t> sorted(last.begin(), last.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

void add(std::deque<std::int64_t>& last, std::int64_t ms) {
  last.push_back(ms);
  if (last.size() > kRemembered) last.pop_front();
}

}  // namespace

void Usual::learn(const json::value& summary) {
  if (outcome_in(summary) != Outcome::succeeded) return;
  if (!bool_or(summary, "committed", true)) return;
  auto& mine = last_[{kind_in(summary), string_or(summary, "application", "")}];
  const auto ms_of_job = int64_or(summary, "duration_ms", -1);
  if (ms_of_job >= 0) add(mine[""], ms_of_job);
  const json::array* steps = if_array(summary, "steps");
  if (!steps) return;
  for (const auto& step : *steps) {
    if (string_or(step, "state", "") != "done") continue;
    const auto ms = int64_or(step, "ms", -1);
    const std::string name = string_or(step, "name", "");
    if (ms >= 0 && !name.empty()) add(mine[name], ms);
  }
}

std::optional<std::int64_t> Usual::step(JobKind kind,
                                        const std::string& application,
                                        const std::string& name) const {
  const auto mine = last_.find({kind, application});
  if (mine == last_.end()) return std::nullopt;
  const auto found = mine->second.find(name);
  if (found == mine->second.end()) return std::nullopt;
  return median(found->second);
}

std::optional<std::int64_t> Usual::job(JobKind kind,
                                       const std::string& application) const {
  return step(kind, application, "");
}

json::object Usual::steps(JobKind kind,
                          const std::string& application) const {
  json::object out;
  const auto mine = last_.find({kind, application});
  if (mine == last_.end()) return out;
  for (const auto& [name, last] : mine->second) {
    if (!name.empty()) out[name] = median(last);
  }
  return out;
}

}  // namespace berth::runner
