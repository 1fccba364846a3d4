// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/last_switch.hpp"

#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

json::value arguments_of(const HistoryLine& line) {
  const json::value* v = if_contains(line.job, "arguments");
  return v ? *v : json::value(nullptr);
}

bool made_configuration(const HistoryLine& line) {
  return line.cause_job && line.configuration &&
         line.configuration->job == *line.cause_job;
}

// A build writes into the idle slot from the start of its checkout step.
bool spoiled_a_slot(const HistoryLine& line) {
  if (!line.cause_job || made_configuration(line) ||
      kind_in(line.job) != JobKind::build ||
      !bool_or(arguments_of(line), "checkout", false)) {
    return false;
  }
  const json::array* steps = if_array(line.job, "steps");
  if (!steps) return false;
  for (const auto& step : *steps) {
    if (string_or(step, "name", "") == "checkout") {
      return !string_or(step, "started_at", "").empty();
    }
  }
  return false;
}

LastSwitch switch_in(const HistoryLine& line,
                     const std::optional<Configuration>& before) {
  LastSwitch out;
  const json::value arguments = arguments_of(line);
  out.job = *line.cause_job;
  out.checkout = bool_or(arguments, "checkout", false);
  // A build names the data to use; an undo records whether it undid the
  // database.
  const std::string wanted = string_or(arguments, "database", "");
  out.database = kind_in(line.job) == JobKind::build
                     ? !wanted.empty() && wanted != "none"
                     : bool_or(arguments, "database", false);
  out.began = parse_rfc3339(string_or(line.job, "started_at", ""));
  out.before = before;
  return out;
}

}  // namespace

void LastSwitch::follow(const HistoryLine& line,
                        const std::optional<Configuration>& from) {
  if (made_configuration(line)) {
    if (*line.cause_job != job) *this = switch_in(line, from);
  } else if (spoiled_a_slot(line)) {
    lost_to = *line.cause_job;
  }
}

LastSwitch read_last_switch(const Dir& dir, const std::string& server) {
  // the oldest line with the newest configuration
  std::optional<HistoryLine> first;
  std::optional<Configuration> before;
  std::int64_t lost_to = 0;
  walk_history(dir, server, [&](const std::string& raw) {
    HistoryLine line;
    try {
      line = history_line_from_json(parse_json(raw));
    } catch (const JsonError&) {
      return true;  // History reports it
    }
    if (first && (!line.configuration ||
                  line.configuration->job != first->configuration->job)) {
      before = line.configuration;
      return false;
    }
    if (!line.configuration) return false;  // the server has no configuration
    if (lost_to == 0 && spoiled_a_slot(line)) lost_to = *line.cause_job;
    first = std::move(line);
    return true;
  });
  // Without the line of the job itself, for instance in a file that was edited,
  // an undo has nothing to rely on.
  if (!first || !made_configuration(*first)) return {};
  LastSwitch out = switch_in(*first, before);
  out.lost_to = lost_to;
  return out;
}

}  // namespace berth::runner
