// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for holds: reserve, extend, take over, release.
#include <algorithm>

#include "base/name.hpp"
#include "runner/decide/request.hpp"

namespace berth::runner {
namespace {

struct ReserveArguments {
  std::int64_t seconds = 0;  // already capped at the longest hold
  std::string note;
  bool has_note = false;
  bool take_over = false;
};

ReserveArguments reserve_arguments(const World& world, const Drop& drop) {
  const json::value value(drop.arguments);
  ObjectReader in(value, "arguments");
  ReserveArguments a;
  const auto hours = in.optional_number("hours");
  const auto note = in.optional_string("note");
  a.take_over = in.optional_boolean("take_over").value_or(false);
  in.finish();
  a.seconds = world.config.default_hold;
  if (hours) {
    if (!(*hours > 0)) {
      throw JsonError("hours: must be more than 0", "hours");
    }
    // Compared as floating point first: 1e300 hours fit no integer.
    const double longest = static_cast<double>(world.config.longest_hold);
    a.seconds = static_cast<std::int64_t>(std::min(*hours * 3600, longest));
  }
  a.seconds = std::clamp<std::int64_t>(a.seconds, 1,
                                       world.config.longest_hold);
  a.has_note = note.has_value();
  a.note = note.value_or("");
  if (const auto why = refuse_note(a.note)) throw JsonError(*why, "note");
  return a;
}

void show_hold(Request& request, const Hold& hold) {
  request.receipt.extra["hold"] = to_json(hold);
}

Receipt extend(Request& request, const std::string& name,
               const ReserveArguments& a, Hold hold) {
  const Hold before = hold;
  hold.until = std::max<Instant>(hold.until, request.world.now + a.seconds);
  hold.made_by.reset();  // now the user asked for it
  if (a.has_note) hold.note = a.note;
  show_hold(request, hold);
  const std::string detail =
      name + " is held by " + hold.user + " until " + rfc3339(hold.until);
  if (!(hold == before)) request.add_hold(name, Event::extended, hold, detail);
  return request.accept(200, detail);
}

// Cancels every job that can still be cancelled. The hold passes to the new
// holder when the running job has settled.
Receipt take_over(Request& request, const std::string& name, Hold hold,
                  const std::string& from) {
  const std::string detail =
      name + " passes from " + from + " to " + hold.user + " until " +
      rfc3339(hold.until);
  for (const LiveJob* job : request.world.jobs_on(name)) {
    if (!job->past_cancel && !job->job.cancel) request.add_cancel(job->job.id);
  }
  request.add_hold(name, Event::taken_over, hold, detail);
  const LiveJob* active = request.world.active_on(name);
  if (!active) {
    show_hold(request, hold);
    return request.accept(200, detail);
  }
  request.receipt.effects.back().get_object()["after_job"] = active->job.id;
  return request.accept(202, detail + ", when " + job_text(active->job.id) +
                                 " has settled");
}

}  // namespace

Receipt decide_reserve(Request request, const NextNumber&) {
  const std::string& name = request.drop.target;
  const ReserveArguments a = reserve_arguments(request.world, request.drop);
  if (a.take_over && !request.admin) {
    return request.refuse(403, "only an admin may take over a server; ask the "
                               "holder");
  }
  const Server* server = request.world.server(name);
  if (!server) return request.refuse(404, "there is no server " + name);
  request.receipt.server = name;
  const bool ours =
      server->hold && server->hold->user == request.drop.user;
  if (server->hold && !ours && !a.take_over) return request.held(name);
  if (!server->taken_over_by.empty()) {
    return request.refuse(409, name + " is being taken over by " +
                                   server->taken_over_by);
  }
  if (ours) return extend(request, name, a, *server->hold);
  if (const auto why = refuse_to_hold(request, name); !why.empty()) {
    return request.refuse(409, why);
  }
  Hold hold;
  hold.user = request.drop.user;
  hold.since = request.world.now;
  hold.until = request.world.now + a.seconds;
  hold.note = a.note;
  if (server->hold) return take_over(request, name, hold, server->hold->user);
  const std::string detail =
      name + " is held by " + hold.user + " until " + rfc3339(hold.until);
  request.add_hold(name, Event::reserved, hold, detail);
  show_hold(request, hold);
  return request.accept(201, detail);
}

Receipt decide_release(Request request, const NextNumber&) {
  const std::string& name = request.drop.target;
  const Server* server = request.world.server(name);
  if (!server) return request.refuse(404, "there is no server " + name);
  request.receipt.server = name;
  const json::value arguments(request.drop.arguments);
  ObjectReader(arguments, "arguments").finish();
  if (!server->hold) return request.accept(204, name + " is free");
  if (server->hold->user != request.drop.user && !request.admin) {
    request.held(name);  // adds the holder and the end
    return request.refuse(403, name + " is held by " + server->hold->user +
                                   "; only the holder or an admin may "
                                   "release it");
  }
  const auto jobs = request.world.jobs_on(name);
  if (!jobs.empty()) {
    const std::string id = std::to_string(jobs.front()->job.id);
    request.receipt.extra["job"] = jobs.front()->job.id;
    return request.refuse(409, "job " + id + " on " + name + " has not ended; "
                                   "cancel it or wait for it, then release");
  }
  const std::string detail =
      name + " is released by " + request.drop.user;
  request.add_hold(name, Event::released, std::nullopt, detail);
  return request.accept(204, detail);
}

}  // namespace berth::runner
