// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cmath>

#include "runner/publish/bodies.hpp"
#include "runner/world/estimate.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

json::value waits_for(const World& world, const LiveJob& live) {
  if (!live.waits) return nullptr;
  const Waiting& w = *live.waits;
  json::value start = nullptr;
  if (w.in_ms) start = rfc3339(world.now + *w.in_ms / 1000);
  return {{"claim", w.claim},
          {"holder", or_null(w.holder)},
          {"holder_user", text_or_null(w.holder_user)},
          {"place", w.place},
          {"expected_start", start}};
}

json::value expected_end(const World& world, const LiveJob& live) {
  std::optional<std::int64_t> left = left_ms(world, live);
  if (left && live.state == JobState::queued) {
    if (!live.waits || !live.waits->in_ms) return nullptr;
    *left += *live.waits->in_ms;
  }
  return left ? json::value(rfc3339(world.now + *left / 1000))
              : json::value(nullptr);
}

// 0..1: by the usual durations of the steps, or else by their number.
json::value progress(const World& world, const LiveJob& live) {
  if (live.state == JobState::queued) return nullptr;
  const auto usual = usual_ms(world, live.job);
  const auto left = left_ms(world, live);
  double share = 0;
  if (usual && left && *usual > 0) {
    share = 1 - static_cast<double>(*left) / static_cast<double>(*usual);
  } else {
    const auto steps = step_states(live.job, live.steps);
    const auto over = std::count_if(
        steps.begin(), steps.end(), [](const StepState& s) {
          return s.state != "waiting" && s.state != "running";
        });
    if (!steps.empty()) {
      share = static_cast<double>(over) / static_cast<double>(steps.size());
    }
  }
  return std::round(std::clamp(share, 0.0, 1.0) * 1000) / 1000;
}

json::value current_step(const LiveJob& live) {
  json::value out = nullptr;
  for (const auto& step : step_states(live.job, live.steps)) {
    if (step.state == "running") out = step.name;
  }
  return out;
}

json::array step_bodies(const World& world, const LiveJob& live) {
  json::array out;
  for (const auto& s : step_states(live.job, live.steps)) {
    out.push_back(
        {{"name", s.name},
         {"state", s.state},
         {"started_at", text_or_null(s.started_at)},
         {"ms", or_null(s.ms)},
         {"done", or_null(s.done)},
         {"total", or_null(s.total)},
         {"unit", text_or_null(s.unit)},
         {"message", text_or_null(s.message)},
         {"usual_ms",
          or_null(world.usual.step(live.job.kind, live.job.application,
                                   s.name))}});
  }
  return out;
}

// The `detail` of a job that has not ended.
json::value detail_of(const LiveJob& live) {
  std::string out;
  if (live.job.cancel) out = "being cancelled by " + live.job.cancel->user;
  if (live.state == JobState::unsettled && !live.trouble.empty()) {
    out += (out.empty() ? "" : "; ") + live.trouble;
  }
  return text_or_null(out);
}

}  // namespace

json::object job_short(const World& world, const LiveJob& live) {
  const Job& job = live.job;
  return {{"id", job.id},
          {"kind", job.kind_text()},
          {"state", to_text(live.state)},
          {"step", current_step(live)},
          {"progress", progress(world, live)},
          {"expected_end", expected_end(world, live)},
          {"user", job.user},
          {"application", text_or_null(job.application)},
          {"path", text_or_null(job.text("path"))},
          {"server", text_or_null(job.server)},
          {"waits_for", waits_for(world, live)}};
}

json::object job_body(const World& world, const LiveJob& live,
                      bool with_steps) {
  const Job& job = live.job;
  const bool begun = live.state != JobState::queued;
  json::object out = {
      {"id", job.id},
      {"kind", job.kind_text()},
      {"state", to_text(live.state)},
      {"server", text_or_null(job.server)},
      {"application", text_or_null(job.application)},
      {"user", job.user},
      {"arguments", job.arguments},
      {"revision", text_or_null(job.text("revision"))},
      {"created_at", rfc3339(job.created_at)},
      {"started_at", begun && job.started
                         ? json::value(rfc3339(job.started->at))
                         : json::value(nullptr)},
      {"finished_at", nullptr},
      {"expected_end", expected_end(world, live)},
      {"duration_ms", nullptr}};
  if (with_steps) out["steps"] = step_bodies(world, live);
  out["waits_for"] = waits_for(world, live);
  out["failed_step"] = nullptr;
  out["detail"] = detail_of(live);
  out["cancellable"] = !live.past_cancel && !live.job.cancel;
  const auto app = world.config.applications.find(job.application);
  out["url"] = app == world.config.applications.end() || job.server.empty()
                   ? json::value(nullptr)
                   : text_or_null(app->second.url_on(job.server));
  out["configuration"] = nullptr;
  return out;
}

std::string jobs_text(const World& world) {
  // Newest first, live and ended by number: two sorted lists merged.
  std::string out = "{\"as_of\":\"" + rfc3339(world.now) + "\",\"jobs\":[";
  auto live = world.jobs.rbegin();
  auto ended = world.ended.rbegin();
  bool first = true;
  while (live != world.jobs.rend() || ended != world.ended.rend()) {
    if (!first) out += ',';
    first = false;
    const bool take_live =
        ended == world.ended.rend() ||
        (live != world.jobs.rend() && live->first > ended->id);
    if (take_live) {
      out += json::serialize(job_body(world, live->second, false));
      ++live;
    } else {
      out += ended->text;
      ++ended;
    }
  }
  return out + "]}";
}

json::value queue_body(const World& world) {
  json::array jobs;
  for (const auto& [id, live] : world.jobs) {
    jobs.push_back(job_short(world, live));
  }
  return {{"as_of", rfc3339(world.now)}, {"jobs", std::move(jobs)}};
}

}  // namespace berth::runner
