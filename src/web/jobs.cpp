// SPDX-License-Identifier: GPL-2.0-or-later
// GET /jobs, /jobs/N, /jobs/N/result; DELETE /jobs/N.
#include "model/outcome.hpp"
#include "web/handlers.hpp"
#include "web/job_view.hpp"
#include "web/resource.hpp"
#include "web/submission.hpp"

namespace berth::web {
namespace {

const Columns kColumns = {{"JOB", "/id"},
                          {"KIND", "/kind"},
                          {"STATE", "/state"},
                          {"SERVER", "/server"},
                          {"APPLICATION", "/application"},
                          {"PATH", "/arguments/path"},
                          {"USER", "/user"},
                          {"CREATED", "/created_at"},
                          {"FINISHED", "/finished_at"},
                          {"DETAIL", "/detail"}};

std::string wanted_state(const Request& request) {
  const auto found = request.query.find("state");
  if (found == request.query.end()) return "";
  if (is_job_state(found->second)) return found->second;
  refuse_member("state",
                "'state' must be queued, running, unsettled, succeeded, "
                "failed or cancelled");
}

}  // namespace

Reply jobs(const Request& request, Console& console) {
  const std::string state = wanted_state(request);
  if (state.empty()) {
    return published_list(request, console, "jobs.json", "jobs", kColumns);
  }
  json::object body = console.resource_json("jobs.json").as_object();
  json::array kept;
  for (const auto& item : body.at("jobs").as_array()) {
    if (item.at("state").as_string() == state) kept.push_back(item);
  }
  body["jobs"] = std::move(kept);
  return made_list(request, body, "jobs", kColumns);
}

Reply job(const Request& request, Console& console) {
  const std::string& id = request.names[0];
  if (auto found = console.state().read("job/" + id + ".json");
      found && !wants_text(request)) {
    return published_thing(request, console, "job/" + id + ".json", "");
  }
  return made(request, job_view(console, id));
}

// For `curl -f`: the status code is the answer.
Reply job_result(const Request& request, Console& console) {
  const json::object found = job_view(console, request.names[0]);
  json::object body;
  for (const char* name : {"id", "state", "server", "application", "revision",
                           "failed_step", "detail", "url"}) {
    const json::value* member = found.if_contains(name);
    body[name] = member ? *member : json::value(nullptr);
  }
  const std::string state(found.at("state").as_string());
  const bool succeeded = outcome_from_text(state) == Outcome::succeeded;
  if (is_end(state) && !succeeded) {
    const json::string* why = if_string(body, "detail");
    throw Problem(409,
                  "job " + request.names[0] + " " + state +
                      (why ? ": " + std::string(*why) : ""),
                  body);
  }
  Reply reply = made(request, body);
  if (!succeeded) {
    reply.status = 202;
    reply.headers.emplace_back("Retry-After", "1");
  }
  return reply;
}

Reply cancel_job(const Request& request, Console& console) {
  return submit(request, console, {"cancel", request.names[0], {}});
}

}  // namespace berth::web
