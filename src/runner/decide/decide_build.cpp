// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for builds: on which server, and what can be refused before the job
// starts. A preview has the same arguments and is refused for the same reasons,
// but it neither needs nor takes a hold.
#include <algorithm>

#include "base/name.hpp"
#include "base/text.hpp"
#include "runner/decide/request.hpp"
#include "runner/world/carried.hpp"
#include "runner/world/free_server.hpp"

namespace berth::runner {
namespace {

// Why the requested base cannot be copied; empty if it can, or if only
// preflight can know.
std::string refuse_base(Request& request, const ApplicationConfig& app,
                        const std::string& wanted) {
  if (wanted == "none") return "";
  const World& world = request.world;
  const auto found = world.clusters.find(app.cluster);
  if (found == world.clusters.end()) return "";
  const ClusterState& cluster = found->second;
  if (!cluster.reachable) {
    return "cluster " + app.cluster + " is unreachable: " + cluster.reason;
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
  // the state is out of date
  if (!world.seen_since_change(app.cluster)) return "";
  request.receipt.extra["generations"] = std::move(known);
  if (names.empty()) {
    return "application " + app.name + " has no base on " + app.cluster +
           " yet; publish one first";
  }
  return "there is no base " + wanted + " of " + app.name + "; bases: " +
         join(names, ", ");
}

// The hold that a build needs: a new one on a free server; on the user's own
// server its release is set.
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

// Checks that the arguments fit the application; throws JsonError.
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
    throw JsonError("application " + app.name + " has no database; set "
                    "database to 'none'", "database");
  }
}

// The requested application, which the other arguments must fit; throws
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

// A receipt that refuses any new job while draining, or one with this data.
std::optional<Receipt> refuse_data(Request& request,
                                   const ApplicationConfig& app,
                                   const std::string& database) {
  if (request.world.draining) return request.refuse_draining();
  const std::string why = refuse_base(request, app, database);
  if (why.empty()) return std::nullopt;
  return request.refuse(409, why);
}

// A receipt that refuses the server: it does not exist, or the application must
// not be built on it.
std::optional<Receipt> refuse_place(Request& request, const std::string& name,
                                    const ApplicationConfig& app) {
  if (!request.world.server(name)) {
    return request.refuse(404, "there is no server " + name);
  }
  request.receipt.server = name;
  if (app.allowed_on(name)) return std::nullopt;
  request.name_free(&app);
    return request.refuse(403, app.name + " must not be built on " + name +
                                 " (the application's `servers` in the "
                                 "configuration)");
}

// Whether a requested and a current value differ, if both are known. A commit
// may be requested by its first digits.
bool differs(const std::string& asked, const std::string& there) {
  if (asked.empty() || there.empty() || asked == there) return false;
  return there.size() != 40 || asked.size() < 7 || !there.starts_with(asked);
}

// Without a checkout the current code remains: why there is none, or how it
// differs from the request. Otherwise its path and revision are put into `a`,
// as far as they are known.
std::string keep_code(const World& world, BuildArguments& a,
                      const std::string& name) {
  if (a.checkout) return "";
  const Carried on = carried(world, name);
  if (on.application != a.application) {
    return (on.application.empty()
                ? name + " has no application"
                : name + " has " + on.application + ", not " + a.application) +
           ": the first build of " + a.application +
           " on it needs a checkout and a path";
  }
  // The code in the snapshot is known only after the revert.
  if (!a.revert.empty()) return "";
  if (differs(a.path, on.path) || differs(a.revision, on.revision)) {
    return name + " has " + on.path + "@" + on.revision +
           ", which remains without a checkout; omit path and revision, or "
           "request a checkout";
  }
  a.path = on.path;
  a.revision = on.revision;
  return "";
}

// ", trunk@34 remains", for a build of the database alone.
std::string kept_text(const BuildArguments& a) {
  if (a.checkout) return "";
  if (a.path.empty()) return " (database only, the code remains)";
  return " (database only, " + a.path +
         (a.revision.empty() ? "" : "@" + a.revision.substr(0, 12)) +
         " remains)";
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
  // A revert starts a guest that is off; without one the guest must be running.
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

// Sets `name` to a free server for the build, or returns a receipt that
// refuses.
std::optional<Receipt> refuse_any(Request& request, std::string& name,
                                  const BuildArguments& a,
                                  const ApplicationConfig& app) {
  if (auto no = refuse_data(request, app, a.database)) return no;
  if (!a.revert.empty()) {
    return request.refuse(409, "a snapshot belongs to one server; name the "
                               "server to revert to " + a.revert);
  }
  if (!a.checkout) {
    return request.refuse(409, "a build on any free server needs a checkout "
                               "and a path");
  }
  name = pick_free(request.world, app, a.database);
  request.receipt.server = name;
  if (!name.empty()) return std::nullopt;
  request.receipt.extra["free"] = json::array();
  return request.refuse(409, "no server on which " + app.name +
                                 " may be built is free and running");
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
    throw JsonError("release: a preview takes no hold", "release");
  }
  if (!a.revert.empty()) {
    throw JsonError("revert: a preview changes nothing", "revert");
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
