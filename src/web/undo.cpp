// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers/S/undo {job} undoes the last switch of a server; PUT
// /servers/S/undo {hours} keeps what an undo needs for that long from now.
// berthd knows who may undo it and what it would restore.
#include <cmath>
#include <optional>

#include "base/clock.hpp"
#include "model/job.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

namespace {

constexpr double kLargestNumber = 1e15;
constexpr std::int64_t kSettled = 1000;  // milliseconds

// The value of `job`, which must be a valid job number.
std::int64_t job_named(const json::object& body) {
  const double job = body.at("job").get_double();
  if (!(job >= 1 && job < kLargestNumber) || job != std::floor(job)) {
    refuse_member("job", "'job' must be a job number");
  }
  return static_cast<std::int64_t>(job);
}

// The job whose switch would be undone by the published state; nullopt if there
// is none, or if the state may be about to change and only berthd knows.
std::optional<std::int64_t> job_seen(const Console& console,
                                     const std::string& server) {
  const std::string file = "server/" + server + ".json";
  const auto seen = console.state().read_json(file);
  if (!seen) return std::nullopt;
  const json::object* offer = if_object(*seen, "undo");
  const std::int64_t job = offer ? int64_or(*offer, "job", 0) : 0;
  if (job == 0) return std::nullopt;
  const auto touched = console.state().touched_ms(file);
  const bool settled = touched && wall_now_ms() - *touched > kSettled;
  if (console.runner().up && !settled) return std::nullopt;
  return job;
}

}  // namespace

// berthd may be down for hours while somebody builds: so the request includes
// the job whose switch is meant, as named by the client or as the last one
// known here.
Reply undo(const Request& request, Console& console) {
  const std::string& server = request.names[0];
  const json::object body =
      read_optional_body(request, {{"job", FieldType::number}});
  json::object arguments;
  if (body.contains("job")) {
    arguments["job"] = job_named(body);
  } else if (const auto seen = job_seen(console, server)) {
    arguments["seen"] = *seen;
  }
  return submit(request, console, {"undo", server, std::move(arguments)});
}

Reply keep(const Request& request, Console& console) {
  const json::object body =
      read_body(request, {{"hours", FieldType::number}});
  const KeepArguments keep =
      asked([&body] { return arguments_from<KeepArguments>(body); });
  return submit(request, console, {"keep", request.names[0], to_json(keep)});
}

}  // namespace berth::web
