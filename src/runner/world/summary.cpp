// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/world/summary.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace berth::runner {
namespace {

// A history line has at most 64 KiB, so texts in it are cut to much less.
constexpr std::size_t kLongestDetail = 2000;
constexpr std::size_t kLongestMessage = 200;  // of each step

// Never cuts within a character: a line that is not UTF-8 could not be read.
std::string cut(std::string text, std::size_t longest = kLongestMessage) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (text[longest] & 0xc0) == 0x80) --longest;
  return text.substr(0, longest);
}

// Converts RFC 3339 with milliseconds, as in step records, to milliseconds
// since 1970.
std::optional<std::int64_t> ms_of(const std::string& at) {
  const auto seconds = parse_rfc3339(at);
  if (!seconds) return std::nullopt;
  const std::size_t dot = at.find('.');
  std::int64_t ms = 0;
  if (dot != std::string::npos && at.size() >= dot + 4) {
    for (std::size_t i = dot + 1; i < dot + 4; ++i) {
      if (at[i] < '0' || at[i] > '9') return std::nullopt;
      ms = ms * 10 + (at[i] - '0');
    }
  }
  return *seconds * 1000 + ms;
}

json::value member(const json::value& object, const char* name) {
  const json::value* v = if_contains(object, name);
  return v ? *v : json::value(nullptr);
}

// The job only asked what it would do, and changed nothing.
bool only_asked(const Job& job) {
  const char* confirmed_by = row_of(job.kind).confirmed_by;
  if (!confirmed_by) return false;
  const json::value* given = job.arguments.if_contains(confirmed_by);
  return !given || given->is_null() || *given == "";
}

}  // namespace

std::string event_of(const Job& job, Outcome outcome) {
  const JobKindRow& row = row_of(job.kind);
  if (job.kind == JobKind::unknown) {
    return job.unknown_kind + "_" + to_text(outcome);
  }
  if (outcome == Outcome::cancelled) return row.events.cancelled;
  if (outcome != Outcome::succeeded) return row.events.failed;
  if (only_asked(job)) return row.asked;
  for (const ActionEvent& done : row.actions) {
    if (done.action && job.text("action") == done.action) return done.event;
  }
  return row.events.succeeded;
}

const JobResult* result_in(const std::vector<StepRecord>& records) {
  if (records.empty() || !records.back().result) return nullptr;
  return &*records.back().result;
}

std::vector<StepState> step_states(const Job& job,
                                   const std::vector<StepRecord>& records) {
  std::vector<StepState> out;
  for (const auto& name : steps_of(job)) {
    out.emplace_back();
    out.back().name = name;
  }
  for (const auto& record : records) {
    const auto found =
        std::find_if(out.begin(), out.end(), [&](const StepState& s) {
          return s.name == record.step;
        });
    if (found == out.end()) continue;
    if (record.event == "start") {
      const std::string name = found->name;
      *found = StepState{};
      found->name = name;
      found->state = "running";
      found->started_at = record.at;
    }
    if (record.event == "end") {
      found->state = record.state;
      found->ms = record.ms;
    }
    if (record.done) found->done = record.done;
    if (record.total) found->total = record.total;
    if (!record.unit.empty()) found->unit = record.unit;
    if (!record.message.empty()) found->message = record.message;
  }
  return out;
}

json::value summary_of(const Job& job, const JobResult& result,
                       const std::vector<StepRecord>& steps,
                       Instant finished) {
  json::array states;
  for (const auto& step : step_states(job, steps)) {
    // A step that was running at the end of the job did not end itself: it
    // failed with the job, or counts as skipped.
    std::string state = step.state;
    if (state == "waiting") state = "skipped";
    if (state == "running") {
      state = result.outcome == Outcome::failed ? "failed" : "skipped";
    }
    states.push_back({{"name", step.name},
                      {"state", state},
                      {"ms", or_null(step.ms)},
                      {"started_at", text_or_null(step.started_at)},
                      {"message", text_or_null(cut(step.message))}});
  }
  json::value started = nullptr;
  json::value duration = nullptr;
  if (!steps.empty()) {
    const auto from = ms_of(steps.front().at);
    const auto to = ms_of(steps.back().at);
    if (from) started = rfc3339(*from / 1000);
    if (from && to && *to >= *from) duration = *to - *from;
  }
  json::object out = {{"id", job.id},
                      {"kind", job.kind_text()},
                      {"outcome", to_text(result.outcome)},
                      {"failed_step", text_or_null(result.failed_step)},
                      {"detail", cut(result.detail, kLongestDetail)},
                      {"server", text_or_null(job.server)},
                      {"application", text_or_null(job.application)},
                      {"user", job.user},
                      {"arguments", job.arguments},
                      {"revision", text_or_null(result.revision)},
                      {"committed", result.committed},
                      {"generation", nullptr},
                      {"data_at", nullptr},
                      {"created_at", rfc3339(job.created_at)},
                      {"started_at", started},
                      {"finished_at", rfc3339(finished)},
                      {"duration_ms", duration},
                      {"steps", states}};
  if (result.base) {
    out["generation"] = text_or_null(result.base->generation);
    out["data_at"] = or_null(result.base->data_at);
  }
  if (!result.faulty_server.empty()) {
    out["faulty_server"] = result.faulty_server;
  }
  return out;
}

std::optional<std::int64_t> job_of_line(const HistoryLine& line) {
  const json::value id = member(line.job, "id");
  if (!id.is_int64()) return std::nullopt;
  return id.get_int64();
}

JobKind kind_in(const json::value& summary) {
  return job_kind_from_text(string_or(summary, "kind", ""));
}

std::optional<Outcome> outcome_in(const json::value& summary) {
  return outcome_from_text(string_or(summary, "outcome", ""));
}

json::value last_refresh_of(const HistoryLine& line) {
  json::object out = {{"job", member(line.job, "id")},
                      {"at", rfc3339(line.at)}};
  for (const char* name : {"outcome", "user", "failed_step", "detail",
                           "generation", "data_at", "committed"}) {
    out[name] = member(line.job, name);
  }
  return out;
}

json::value last_job_of(const HistoryLine& line) {
  json::object out;
  for (const char* name : {"id", "kind", "outcome", "failed_step", "detail",
                           "user", "finished_at", "duration_ms"}) {
    out[name] = member(line.job, name);
  }
  return out;
}

json::object ended_body(const HistoryLine& line, bool with_steps) {
  const json::value& job = line.job;
  json::object out;
  for (const char* name : {"id", "kind"}) out[name] = member(job, name);
  out["state"] = member(job, "outcome");
  for (const char* name :
       {"server", "application", "user", "arguments", "revision",
        "created_at", "started_at", "finished_at"}) {
    out[name] = member(job, name);
  }
  out["expected_end"] = nullptr;
  out["duration_ms"] = member(job, "duration_ms");
  if (with_steps) {
    json::array steps;
    if (const json::array* kept = if_array(job, "steps")) {
      for (const auto& step : *kept) {
        steps.push_back({{"name", member(step, "name")},
                         {"state", member(step, "state")},
                         {"started_at", member(step, "started_at")},
                         {"ms", member(step, "ms")},
                         {"done", nullptr},
                         {"total", nullptr},
                         {"unit", nullptr},
                         {"message", member(step, "message")},
                         {"usual_ms", nullptr}});
      }
    }
    out["steps"] = std::move(steps);
  }
  out["waits_for"] = nullptr;
  out["failed_step"] = member(job, "failed_step");
  out["detail"] = member(job, "detail");
  out["cancellable"] = false;
  // The server's configuration is this job's only if this job made it.
  const auto id = job_of_line(line);
  const bool mine =
      line.configuration && id && line.configuration->job == *id;
  out["url"] = mine ? text_or_null(line.configuration->url)
                    : json::value(nullptr);
  out["configuration"] =
      mine ? to_json(*line.configuration) : json::value(nullptr);
  return out;
}

}  // namespace berth::runner
