// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for the actions that change a cluster and no server: publish, refresh
// and the drop of an orphan; and adopt, which marks a database on a cluster as
// a server's.
#include "base/text.hpp"
#include "runner/decide/request.hpp"

namespace berth::runner {
namespace {

const ApplicationConfig* application(const World& world,
                                     const std::string& name) {
  const auto found = world.config.applications.find(name);
  return found == world.config.applications.end() ? nullptr : &found->second;
}

const LiveJob* refresh_of(const World& world, const std::string& name) {
  for (const auto& [id, live] : world.jobs) {
    if (live.job.kind == JobKind::refresh && live.job.application == name) {
      return &live;
    }
  }
  return nullptr;
}

// The server that uses it, by its configuration; "": none that a host has. A
// database of an unknown cluster may be on this one.
std::string user_of(const World& world, const ClusterState& seen,
                    const std::string& name, const Orphan& orphan) {
  for (const auto& [server, known] : world.servers) {
    if (!known.configuration || !known.configuration->database) continue;
    if (world.hosts_heard && known.host.empty()) continue;
    const DatabaseOnServer& used = *known.configuration->database;
    if (used.name != orphan.name || used.oid != orphan.oid) continue;
    const auto there = world.clusters.find(used.cluster);
    if (used.cluster == name || there == world.clusters.end() ||
        there->second.system.empty() || seen.system.empty() ||
        there->second.system == seen.system) {
      return server;
    }
  }
  return "";
}

}  // namespace

Receipt decide_publish(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  const auto a = arguments_from<PublishArguments>(request.drop.arguments);
  if (request.world.draining) return request.refuse_draining();
  const ApplicationConfig* app = application(request.world, name);
  if (!app) return request.refuse(404, "there is no application " + name);
  if (app->cluster.empty()) {
    return request.refuse(409, "application " + name + " has no database");
  }
  Job job = request.new_job(JobKind::publish, number());
  job.application = name;
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(
      201, job_text(job.id) + " publishes " + a.database + " for " + name);
}

// Accepted even if the cluster is unreachable: the nightly job then fails and
// states why, where a refusal would be one line in somebody's cron mail.
Receipt decide_refresh(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  const auto a = arguments_from<RefreshArguments>(request.drop.arguments);
  const ApplicationConfig* app = application(request.world, name);
  if (!app) return request.refuse(404, "there is no application " + name);
  if (!request.admin) {
    return request.refuse(403, "only an admin may refresh an application's "
                               "data ([console] admins in berth.conf); ask an "
                               "admin");
  }
  if (app->cluster.empty()) {
    return request.refuse(409, "application " + name + " has no database");
  }
  if (app->dump.empty()) {
    return request.refuse(409, "application " + name + " has no `dump` to "
                                   "refresh from in the configuration");
  }
  if (request.world.draining) return request.refuse_draining();
  if (const LiveJob* other = refresh_of(request.world, name)) {
    request.receipt.extra["job"] = other->job.id;
    return request.refuse(
        409, job_text(other->job.id) + " already refreshes " + name);
  }
  Job job = request.new_job(JobKind::refresh, number());
  job.application = name;
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(201, job_text(job.id) + " refreshes " + name);
}

Receipt decide_adopt(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  const auto a = arguments_from<AdoptArguments>(request.drop.arguments);
  if (request.world.draining) return request.refuse_draining();
  if (!request.world.server(name)) {
    return request.refuse(404, "there is no server " + name);
  }
  request.receipt.server = name;
  const ApplicationConfig* app = application(request.world, a.application);
  if (!app) {
    return request.refuse(404, "there is no application " + a.application);
  }
  if (app->cluster.empty()) {
    return request.refuse(409,
                          "application " + app->name + " has no database");
  }
  if (!app->allowed_on(name)) {
    return request.refuse(409, app->name + " must not be built on " + name +
                                   " (the application's `servers` in the "
                                   "configuration)");
  }
  Job job = request.new_job(JobKind::adopt, number());
  job.server = name;
  job.application = app->name;
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(201, job_text(job.id) +
                                 (a.oid ? " takes over " : " inspects ") +
                                 app->database_on(name));
}

// A database that is not an orphan is refused here; the worker checks again,
// under locks, before it drops anything.
Receipt decide_drop_database(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  json::object arguments = request.drop.arguments;
  arguments["cluster"] = name;
  const World& world = request.world;
  if (world.draining) return request.refuse_draining();
  if (!world.config.clusters.contains(name)) {
    return request.refuse(404, "there is no cluster " + printable(name, 40));
  }
  const json::value filled(arguments);
  const auto a = arguments_from<DropArguments>(filled);
  const auto seen = world.clusters.find(name);
  if (seen == world.clusters.end() || !seen->second.reachable) {
    return request.refuse(
        409, "cluster " + name + " is unreachable: " +
                 (seen == world.clusters.end() ? "it has not reported yet"
                                               : seen->second.reason));
  }
  json::array orphans;
  bool is_one = false;
  for (const auto& orphan : seen->second.orphans) {
    if (orphan.kind == "commented" && orphan.name == a.database) {
      return request.refuse(409, a.database + " " + orphan.reason +
                                     "; to drop it, remove the comment first "
                                     "(COMMENT ON DATABASE ... IS NULL)");
    }
    if (orphan.kind != "database") continue;
    if (orphan.name == a.database) {
      const std::string user = user_of(world, seen->second, name, orphan);
      if (!user.empty()) {
        return request.refuse(409, a.database + " is the database that " +
                                       user + " uses, and is not dropped: "
                                       "build " + user + " with other data "
                                       "first");
      }
      is_one = true;
    }
    orphans.emplace_back(orphan.name);
  }
  if (!is_one) {
    request.receipt.extra["orphans"] = std::move(orphans);
    return request.refuse(409, a.database + " is not an orphan on " + name +
                                   ": only the orphans that `berthctl doctor` "
                                   "lists can be dropped");
  }
  Job job = request.new_job(JobKind::drop, number());
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(
      201, job_text(job.id) + " drops " + a.database + " on " + name);
}

}  // namespace berth::runner
