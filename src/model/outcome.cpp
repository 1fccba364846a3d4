// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/outcome.hpp"

#include <algorithm>
#include <cstddef>

namespace berth {
namespace {

// In the order of the enumerators.
constexpr std::string_view kStates[] = {"queued", "running", "unsettled"};
constexpr std::string_view kOutcomes[] = {"succeeded", "failed", "cancelled",
                                          "requeue"};

}  // namespace

const char* to_text(JobState state) {
  return kStates[static_cast<std::size_t>(state)].data();
}

const char* to_text(Outcome outcome) {
  return kOutcomes[static_cast<std::size_t>(outcome)].data();
}

std::optional<Outcome> outcome_from_text(std::string_view text) {
  const auto* found = std::ranges::find(kOutcomes, text);
  if (found == std::end(kOutcomes)) return std::nullopt;
  return static_cast<Outcome>(found - kOutcomes);
}

bool is_end(std::string_view state) {
  const auto outcome = outcome_from_text(state);
  return outcome && outcome != Outcome::requeue;
}

bool is_job_state(std::string_view text) {
  return is_end(text) || std::ranges::find(kStates, text) != std::end(kStates);
}

}  // namespace berth
