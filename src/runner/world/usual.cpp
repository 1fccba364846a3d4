// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/usual.hpp"

#include <algorithm>
#include <vector>

#include "model/outcome.hpp"

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
  const json::object* job = summary.if_object();
  if (!job) return;
  const auto text = [](const json::object& o, const char* name) {
    const json::value* v = o.if_contains(name);
    return v && v->is_string() ? std::string(v->get_string()) : std::string();
  };
  const auto number = [](const json::object& o, const char* name) {
    const json::value* v = o.if_contains(name);
    return v && v->is_int64() ? v->get_int64() : std::int64_t{-1};
  };
  if (outcome_from_text(text(*job, "outcome")) != Outcome::succeeded) return;
  const json::value* committed = job->if_contains("committed");
  if (committed && committed->is_bool() && !committed->get_bool()) return;
  auto& mine = last_[{job_kind_from_text(text(*job, "kind")),
                      text(*job, "application")}];
  if (const auto ms = number(*job, "duration_ms"); ms >= 0) add(mine[""], ms);
  const json::value* steps = job->if_contains("steps");
  if (!steps || !steps->is_array()) return;
  for (const auto& item : steps->get_array()) {
    const json::object* step = item.if_object();
    if (!step || text(*step, "state") != "done") continue;
    const auto ms = number(*step, "ms");
    const std::string name = text(*step, "name");
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
