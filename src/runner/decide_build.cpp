// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for builds: which server, and what can be told before it starts. A
// preview takes the same members and is refused for what would refuse the
// build, but it needs no hold and takes none.
#include <algorithm>

#include "base/name.hpp"
#include "base/text.hpp"
#include "runner/request.hpp"

namespace berth::runner {
namespace {

// The application a server will carry once the jobs before are done.
std::string carried(const World& world, const std::string& name) {
  std::string out;
  if (const Server* server = world.server(name)) {
    if (server->configuration) out = server->configuration->application;
  }
  for (const LiveJob* job : world.jobs_on(name)) {
    // An undo goes back within one application.
    if ((job->job.kind == "build" || job->job.kind == "undo") &&
        !job->job.cancel) {
      out = job->job.application;
    }
  }
  return out;
}

// "Any": those that carry the application already first, then by name.
std::string pick_free(const World& world, const ApplicationConfig& app) {
  std::string first;
  for (const auto& name : world.free_servers()) {
    if (!app.allowed_on(name)) continue;
    if (carried(world, name) == app.name) return name;
    if (first.empty()) first = name;
  }
  return first;
}

// Why the base that is asked for cannot be copied; empty when it can, or when
// only preflight can tell.
std::string refuse_base(Request& request, const ApplicationConfig& app,
                        const std::string& wanted) {
  if (wanted == "none") return "";
  if (app.cluster.empty()) {
    return "application " + app.name + " has no database: ask for database "
           "'none'";
  }
  const World& world = request.world;
  const auto found = world.clusters.find(app.cluster);
  if (found == world.clusters.end()) return "";
  const ClusterState& cluster = found->second;
  if (!cluster.reachable) {
    return "cluster " + app.cluster + " is away: " + cluster.reason;
  }
  json::array known;
  std::vector<std::string> names;
  for (const auto& base : cluster.bases) {
    if (base.application != app.name) continue;
    known.emplace_back(base.generation);
    names.push_back(base.generation);
  }
  const bool there =
      wanted == "newest"
          ? !names.empty()
          : std::find(names.begin(), names.end(), wanted) != names.end();
  if (there) return "";
  if (!world.seen_since_change(app.cluster)) return "";  // old news
  request.receipt.extra["generations"] = std::move(known);
  if (names.empty()) {
    return "application " + app.name + " has no base on " + app.cluster +
           " yet: publish one first";
  }
  return "there is no base " + wanted + " of " + app.name + "; there is " +
         join(names, ", ");
}

// The hold that a build needs: taken on a free server, told when to end on
// one's own.
void hold_for(Request& request, const std::string& name,
              const BuildArguments& a, std::int64_t job) {
  const auto& old = request.world.server(name)->hold;
  if (old && a.release == "never") return;
  Hold hold;
  if (old) {
    hold = *old;
  } else {
    hold.user = request.drop.user;
    hold.since = request.world.now;
    hold.until = request.world.now + request.world.config.default_hold;
    hold.note = a.note;
  }
  if (a.release != "never") {
    hold.job = job;
    hold.release = a.release;
  }
  request.receipt.extra["hold"] = to_json(hold);
  request.add_hold(name, old ? "extended" : "reserved", hold,
                   "for job " + std::to_string(job));
}

// What is asked for must fit the application; throws JsonError.
void check_arguments(const BuildArguments& a, const ApplicationConfig& app) {
  if (a.checkout || !a.path.empty()) {
    if (const auto why = refuse_path(app.kind, a.path)) {
      throw JsonError(*why, "path");
    }
  }
  if (const auto why = refuse_revision(app.kind, a.revision)) {
    throw JsonError(*why, "revision");
  }
}

// A receipt that refuses what is asked for, or the application.
std::optional<Receipt> refuse_application(Request& request,
                                          const BuildArguments& a,
                                          const ApplicationConfig*& app) {
  const World& world = request.world;
  if (world.draining) {
    return request.refuse_draining();
  }
  const auto found = world.config.applications.find(a.application);
  if (found == world.config.applications.end()) {
    return request.refuse(404, "there is no application " + a.application);
  }
  app = &found->second;
  check_arguments(a, *app);
  if (const auto why = refuse_base(request, *app, a.database); !why.empty()) {
    return request.refuse(409, why);
  }
  return std::nullopt;
}

// Why this application cannot be built on this server at all.
std::string refuse_place(const ApplicationConfig& app,
                         const std::string& name) {
  if (app.allowed_on(name)) return "";
  return app.name + " is not built on " + name +
         " (application's `servers` in the configuration)";
}

std::string refuse_no_checkout(const World& world, const BuildArguments& a,
                               const std::string& name) {
  if (a.checkout || carried(world, name) == a.application) return "";
  return name + " does not carry " + a.application +
         " yet: the first build needs a checkout";
}

}  // namespace

Receipt decide_build(Request request, const NextNumber& number) {
  const World& world = request.world;
  std::string name = request.drop.target;
  const BuildArguments a = build_arguments_from_json(request.drop.arguments);
  const ApplicationConfig* found = nullptr;
  if (const auto no = refuse_application(request, a, found)) return *no;
  const ApplicationConfig& app = *found;
  if (name == "*") {
    if (!a.revert.empty()) {
      return request.refuse(409, "a snapshot is one server's: name the "
                                 "server that is to go back to " + a.revert);
    }
    if (!a.checkout) {
      return request.refuse(409, "a build on any free server needs a "
                                 "checkout");
    }
    name = pick_free(world, app);
    if (name.empty()) {
      request.receipt.extra["free"] = json::array();
      return request.refuse(409, "no running server that " + app.name +
                                     " may be built on is free");
    }
  }
  const Server* server = world.server(name);
  if (!server) return request.refuse(404, "there is no server " + name);
  request.receipt.server = name;
  if (const auto why = refuse_place(app, name); !why.empty()) {
    return request.refuse(409, why);
  }
  if (!server->taken_over_by.empty()) {
    return request.refuse(409, name + " is being taken over by " +
                                   server->taken_over_by);
  }
  if (server->hold && server->hold->user != request.drop.user) {
    return request.held(name, *server->hold);
  }
  if (!server->hold) {
    if (const auto why = refuse_to_hold(request, name); !why.empty()) {
      return request.refuse(409, why);
    }
  }
  // A revert starts what is off; else it must run.
  if (const auto why = refuse_server(*server, name);
      !why.empty() && (a.revert.empty() || !server->fresh)) {
    return request.refuse(409, why);
  }
  if (!a.revert.empty()) {
    if (const auto why = refuse_no_snapshot(request, *server, a.revert);
        !why.empty()) {
      return request.refuse(409, why);
    }
  }
  if (const auto why = refuse_no_checkout(world, a, name); !why.empty()) {
    return request.refuse(409, why);
  }
  Job job = request.new_job("build", number());
  job.server = name;
  job.application = app.name;
  job.arguments = to_json(a).get_object();
  hold_for(request, name, a, job.id);
  request.add_job(job);
  return request.accept(201, "job " + std::to_string(job.id) + " builds " +
                                 app.name + " on " + name);
}

Receipt decide_preview(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  const BuildArguments a = build_arguments_from_json(request.drop.arguments);
  if (a.release != "never") {
    throw JsonError("release: a preview holds no server", "release");
  }
  if (!a.revert.empty()) {
    throw JsonError("revert: a preview leaves the server as it is", "revert");
  }
  const ApplicationConfig* app = nullptr;
  if (const auto no = refuse_application(request, a, app)) return *no;
  const Server* server = request.world.server(name);
  if (!server) return request.refuse(404, "there is no server " + name);
  request.receipt.server = name;
  for (const auto& why : {refuse_place(*app, name),
                          refuse_server(*server, name),
                          refuse_no_checkout(request.world, a, name)}) {
    if (!why.empty()) return request.refuse(409, why);
  }
  Job job = request.new_job("preview", number());
  job.server = name;
  job.application = app->name;
  job.arguments = to_json(a).get_object();
  request.add_job(job);
  return request.accept(201, "job " + std::to_string(job.id) +
                                 " previews a build of " + app->name + " on " +
                                 name);
}

}  // namespace berth::runner
