// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for builds: which server, and what can be told before it starts. A
// preview takes the same members and is refused for what would refuse the
// build, but it needs no hold and takes none.
#include <algorithm>

#include "base/name.hpp"
#include "base/text.hpp"
#include "runner/decide/request.hpp"
#include "runner/world/carried.hpp"
#include "runner/world/free_server.hpp"

namespace berth::runner {
namespace {

// Why the base that is asked for cannot be copied; empty when it can, or when
// only preflight can tell.
std::string refuse_base(Request& request, const ApplicationConfig& app,
                        const std::string& wanted) {
  if (wanted == "none") return "";
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
              const BuildArguments& a, const Job& job) {
  const auto& old = request.world.server(name)->hold;
  if (old && a.release == "never") return;
  Hold hold;
  if (old) {
    hold = *old;
    if (!a.note.empty()) hold.note = a.note;
  } else {
    hold = hold_of_build(job, request.world.now, request.world.config);
  }
  if (a.release != "never") {
    hold.job = job.id;
    hold.release = a.release;
  }
  request.receipt.extra["hold"] = to_json(hold);
  request.add_hold(name, old ? Event::extended : Event::reserved, hold,
                   "for " + job_text(job.id));
}

// What is asked for must fit the application; throws JsonError.
void check_arguments(BuildArguments& a, const ApplicationConfig& app) {
  if (!a.path.empty()) {
    if (const auto why = refuse_path(app.kind, a.path)) {
      throw JsonError(*why, "path");
    }
  }
  if (const auto why = refuse_revision(app.kind, a.revision)) {
    throw JsonError(*why, "revision");
  }
  a.revision = normal_revision(app.kind, a.revision);
  if (a.database != "none" && app.cluster.empty()) {
    throw JsonError("application " + app.name + " has no database: ask for "
                    "database 'none'", "database");
  }
}

// The application that is asked for, which the rest must fit; throws
// JsonError.
const ApplicationConfig& application_of(const World& world,
                                        BuildArguments& a) {
  const auto found = world.config.applications.find(a.application);
  if (found == world.config.applications.end()) {
    throw JsonError("there is no application " + a.application,
                    "application");
  }
  check_arguments(a, found->second);
  return found->second;
}

// A receipt that refuses a new job, or one with that data.
std::optional<Receipt> refuse_data(Request& request,
                                   const ApplicationConfig& app,
                                   const std::string& database) {
  if (request.world.draining) return request.refuse_draining();
  const std::string why = refuse_base(request, app, database);
  if (why.empty()) return std::nullopt;
  return request.refuse(409, why);
}

// A receipt that refuses the server: there is none, or this application is
// not built there at all.
std::optional<Receipt> refuse_place(Request& request, const std::string& name,
                                    const ApplicationConfig& app) {
  if (!request.world.server(name)) {
    return request.refuse(404, "there is no server " + name);
  }
  request.receipt.server = name;
  if (app.allowed_on(name)) return std::nullopt;
  request.name_free(&app);
  return request.refuse(403, app.name + " is not built on " + name +
                                 " (application's `servers` in the "
                                 "configuration)");
}

// Of what is asked for and what is there, when both are known; a commit may be
// asked for by its first digits.
bool differs(const std::string& asked, const std::string& there) {
  if (asked.empty() || there.empty() || asked == there) return false;
  return there.size() != 40 || asked.size() < 7 || !there.starts_with(asked);
}

// Without a checkout the code that is there stays: why it is none, or not what
// is asked for. Else it is put into `a`, as far as it is known.
std::string keep_code(const World& world, BuildArguments& a,
                      const std::string& name) {
  if (a.checkout) return "";
  const Carried on = carried(world, name);
  if (on.application != a.application) {
    return name + " carries " +
           (on.application.empty() ? "nothing" : on.application + ", not " +
                                                     a.application) +
           ": the first build of " + a.application +
           " on it needs a checkout, and a path";
  }
  // What the snapshot has is known when the server is back there.
  if (!a.revert.empty()) return "";
  if (differs(a.path, on.path) || differs(a.revision, on.revision)) {
    return name + " carries " + on.path + "@" + on.revision +
           ", and without a checkout that stays: leave path and revision out, "
           "or ask for a checkout";
  }
  a.path = on.path;
  a.revision = on.revision;
  return "";
}

// "; trunk@34 stays", of a build of data alone.
std::string kept_text(const BuildArguments& a) {
  if (a.checkout) return "";
  if (a.path.empty()) return ": data alone, the code stays";
  return ": data alone, " + a.path +
         (a.revision.empty() ? "" : "@" + a.revision.substr(0, 12)) + " stays";
}

// A receipt that refuses a build on the server that the request names.
std::optional<Receipt> refuse_on(Request& request, const std::string& name,
                                 const BuildArguments& a,
                                 const ApplicationConfig& app) {
  if (auto no = refuse_place(request, name, app)) return no;
  const Server& server = *request.world.server(name);
  if (server.hold && server.hold->user != request.drop.user) {
    return request.held(name, &app);
  }
  if (!server.hold) {
    if (const auto why = refuse_to_hold(request, name); !why.empty()) {
      return request.refuse(409, why);
    }
  }
  // A revert starts what is off; else it must run.
  if (const auto why = refuse_server(server, name);
      !why.empty() && (a.revert.empty() || !server.fresh)) {
    return request.refuse(409, why);
  }
  if (auto no = refuse_data(request, app, a.database)) return no;
  if (!server.taken_over_by.empty()) {
    return request.refuse(409, name + " is being taken over by " +
                                   server.taken_over_by);
  }
  return std::nullopt;
}

// Sets `name` for a build on any free server, or a receipt that refuses it.
std::optional<Receipt> refuse_any(Request& request, std::string& name,
                                  const BuildArguments& a,
                                  const ApplicationConfig& app) {
  if (auto no = refuse_data(request, app, a.database)) return no;
  if (!a.revert.empty()) {
    return request.refuse(409, "a snapshot is one server's: name the "
                               "server that is to go back to " + a.revert);
  }
  if (!a.checkout) {
    return request.refuse(409, "a build on any free server needs a "
                               "checkout, and a path");
  }
  name = pick_free(request.world, app, a.database);
  request.receipt.server = name;
  if (!name.empty()) return std::nullopt;
  request.receipt.extra["free"] = json::array();
  return request.refuse(409, "no running server that " + app.name +
                                 " may be built on is free");
}

}  // namespace

Receipt decide_build(Request request, const NextNumber& number) {
  const World& world = request.world;
  std::string name = request.drop.target;
  const bool any = name == "*";
  auto a = arguments_from<BuildArguments>(request.drop.arguments);
  const ApplicationConfig& app = application_of(world, a);
  if (const auto no = any ? refuse_any(request, name, a, app)
                          : refuse_on(request, name, a, app)) {
    return *no;
  }
  if (!a.revert.empty()) {
    if (const auto why =
            refuse_no_snapshot(request, *world.server(name), a.revert);
        !why.empty()) {
      return request.refuse(409, why);
    }
  }
  if (const auto why = keep_code(world, a, name); !why.empty()) {
    return request.refuse(409, why);
  }
  Job job = request.new_job(JobKind::build, number());
  job.server = name;
  job.application = app.name;
  job.arguments = to_json(a);
  job.any_server = any;
  hold_for(request, name, a, job);
  request.add_job(job);
  return request.accept(201, job_text(job.id) + " builds " +
                                 app.name + " on " + name + kept_text(a));
}

Receipt decide_preview(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  auto a = arguments_from<BuildArguments>(request.drop.arguments);
  if (a.release != "never") {
    throw JsonError("release: a preview holds no server", "release");
  }
  if (!a.revert.empty()) {
    throw JsonError("revert: a preview leaves the server as it is", "revert");
  }
  const ApplicationConfig& app = application_of(request.world, a);
  if (const auto no = refuse_place(request, name, app)) return *no;
  const Server& server = *request.world.server(name);
  if (const auto why = refuse_server(server, name); !why.empty()) {
    return request.refuse(409, why);
  }
  if (const auto no = refuse_data(request, app, a.database)) return *no;
  if (const auto why = keep_code(request.world, a, name); !why.empty()) {
    return request.refuse(409, why);
  }
  Job job = request.new_job(JobKind::preview, number());
  job.server = name;
  job.application = app.name;
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(201, job_text(job.id) +
                                 " previews a build of " + app.name + " on " +
                                 name);
}

}  // namespace berth::runner
