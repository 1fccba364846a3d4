// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/decide.hpp"

#include "runner/decide/actions.hpp"

namespace berth::runner {
Request::Request(const World& world_in, const Drop& drop_in)
    : world(world_in),
      drop(drop_in),
      admin(drop_in.by_root || world_in.config.is_admin(drop_in.user)) {
  receipt.token = drop.token;
  receipt.user = drop.user;
  receipt.request = request_fingerprint(drop);
  receipt.at = world.now;
}

Receipt Request::refuse(int status, std::string detail) {
  receipt.accepted = false;
  receipt.status = status;
  receipt.detail = std::move(detail);
  receipt.effects.clear();
  receipt.job.reset();
  return receipt;
}

Receipt Request::refuse_draining() {
  return refuse(503, "Berth is draining: no new jobs for now");
}

Receipt Request::accept(int status, std::string detail) {
  receipt.accepted = true;
  receipt.status = status;
  receipt.detail = std::move(detail);
  return receipt;
}

void Request::name_free(const ApplicationConfig* app) {
  json::array free;
  for (const auto& name : world.free_servers()) {
    if (!app || app->allowed_on(name)) free.emplace_back(name);
  }
  receipt.extra["free"] = std::move(free);
}

Receipt Request::held(const std::string& name, const ApplicationConfig* app) {
  const Server& server = *world.server(name);
  const Hold& hold = *server.hold;
  receipt.extra["holder"] = hold.user;
  receipt.extra["until"] = rfc3339(hold.until);
  name_free(app);
  if (!server.taken_over_by.empty()) {
    return refuse(409, name + " is being taken over by " +
                           server.taken_over_by);
  }
  return refuse(409, name + " is held by " + hold.user + " until " +
                         rfc3339(hold.until) + "; take a free one, or ask " +
                         hold.user);
}

void Request::add_hold(const std::string& server, Event event,
                       const std::optional<Hold>& hold,
                       const std::string& detail) {
  receipt.effects.push_back({{"kind", "hold"},
                             {"server", server},
                             {"event", to_text(event)},
                             {"hold", or_null(hold)},
                             {"user", drop.user},
                             {"detail", detail}});
}

void Request::add_cancel(std::int64_t job) {
  receipt.effects.push_back({{"kind", "cancel"},
                             {"job", job},
                             {"user", drop.user},
                             {"at", rfc3339(world.now)}});
}

Job Request::new_job(JobKind kind, std::int64_t number) const {
  Job job;
  job.id = number;
  job.kind = kind;
  job.user = drop.user;
  job.token = drop.token;
  job.created_at = world.now;
  return job;
}

void Request::add_job(const Job& job) {
  receipt.job = job.id;
  receipt.effects.push_back({{"kind", "job"}, {"job", to_json(job)}});
}

std::string refuse_server(const Server& server, const std::string& name) {
  if (!server.fresh) {
    return name + " cannot be used now: " +
           (server.stale_reason.empty() ? "its host has not reported yet"
                                        : server.stale_reason);
  }
  if (server.state != "running") {
    return name + " is " + server.state + ", but must be running; start it";
  }
  return "";
}

std::optional<Receipt> refuse_not_yours(Request& request, bool free_is_ours,
                                        const std::string& what) {
  const World& world = request.world;
  const std::string& name = request.drop.target;
  const Server* server = world.server(name);
  if (!server) return request.refuse(404, "there is no server " + name);
  request.receipt.server = name;
  // The former data expires however long Berth is draining, so keep is
  // accepted.
  if (world.draining && request.drop.action != "keep") {
    return request.refuse_draining();
  }
  if (!request.admin && !server->hold && !free_is_ours) {
    return request.refuse(403, name + " is free: reserve it first, or ask an "
                                   "admin");
  }
  if (!request.admin && server->hold &&
      server->hold->user != request.drop.user) {
    request.held(name);  // adds the holder and the end
    return request.refuse(403, name + " is held by " + server->hold->user +
                                   " until " +
                                   rfc3339(server->hold->until) +
                                   "; only the holder or an admin may " + what);
  }
  if (!server->taken_over_by.empty()) {
    return request.refuse(409, name + " is being taken over by " +
                                   server->taken_over_by);
  }
  return std::nullopt;
}

std::string refuse_to_hold(Request& request, const std::string& name) {
  for (const LiveJob* live : request.world.jobs_on(name)) {
    const bool makes = live->job.kind == JobKind::provision;
    if (!makes && live->job.kind != JobKind::retire) continue;
    request.receipt.extra["job"] = live->job.id;
    return job_text(live->job.id) + (makes ? " creates " : " retires ") + name +
           "; try again when it has ended";
  }
  return "";
}

bool is_roots(const std::string& action) {
  return find_action(action).only_root;
}

Receipt decide(const World& world, const Drop& drop,
               const NextNumber& number) {
  Request request(world, drop);
  const Action& action = find_action(drop.action);
  if (action.only_root && !drop.by_root) {
    return request.refuse(403, "action '" + drop.action +
                                   "' is for root only; run berthctl");
  }
  if (action.ages && world.now - drop.at > kTooLate) {
    return request.refuse(
        410, "this " + drop.action + " was requested at " + rfc3339(drop.at) +
                 ", more than five minutes ago; request it again if you still "
                 "need it");
  }
  if (action.adds_work && world.disk_low) {
    return request.refuse(507, "the spool's disk is almost full: no new "
                               "requests are accepted until space is free");
  }
  if (const auto no = refuse_flood(request)) return *no;
  try {
    return action.decide(request, number);
  } catch (const JsonError& e) {
    if (!e.member().empty()) request.receipt.extra["member"] = e.member();
    return request.refuse(400, e.what());
  }
}

}  // namespace berth::runner
