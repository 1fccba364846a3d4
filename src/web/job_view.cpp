// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/job_view.hpp"

#include "model/job.hpp"
#include "model/outcome.hpp"
#include "web/problem.hpp"

namespace berth::web {
namespace {

constexpr std::size_t kLargestJobFile = 256 * 1024;

json::object as_accepted(const Job& job) {
  json::array steps;
  for (const auto& name : steps_of(job)) {
    steps.push_back(json::object{{"name", name},
                                 {"state", "waiting"},
                                 {"started_at", nullptr},
                                 {"ms", nullptr},
                                 {"done", nullptr},
                                 {"total", nullptr},
                                 {"unit", nullptr},
                                 {"message", nullptr},
                                 {"usual_ms", nullptr}});
  }
  return {{"id", job.id},
          {"kind", job.kind_text()},
          {"state", to_text(JobState::queued)},
          {"server", job.server.empty() ? json::value(nullptr)
                                        : json::value(job.server)},
          {"application", job.application},
          {"user", job.user},
          {"arguments", job.arguments},
          {"revision", nullptr},
          {"created_at", rfc3339(job.created_at)},
          {"started_at", nullptr},
          {"finished_at", nullptr},
          {"expected_end", nullptr},
          {"duration_ms", nullptr},
          {"steps", std::move(steps)},
          {"waits_for", nullptr},
          {"failed_step", nullptr},
          {"detail", nullptr},
          {"cancellable", true},
          {"url", nullptr},
          {"configuration", nullptr}};
}

}  // namespace

std::optional<json::object> find_job(const Console& console,
                                     const std::string& id) {
  const std::string file = id + ".json";
  const auto published = console.state().read_json("job/" + file);
  if (published) return published->as_object();
  for (const auto& folder : {console.layout().queue,
                             console.layout().active}) {
    const auto text = Dir(folder).read(file, kLargestJobFile);
    if (text) return as_accepted(job_from_json(json::parse(*text)));
  }
  // It may have been published between the two reads.
  const auto late = console.state().read_json("job/" + file);
  if (late) return late->as_object();
  return std::nullopt;
}

json::object job_view(const Console& console, const std::string& id) {
  if (auto found = find_job(console, id)) return std::move(*found);
  throw Problem(404, "there is no job " + id);
}

bool has_ended(const json::object& job) {
  return is_end(string_or(job, "state", ""));
}

}  // namespace berth::web
