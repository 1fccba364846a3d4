// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "base/error.hpp"
#include "store/host_state.hpp"
#include "store/state.hpp"
#include "worker/build_steps.hpp"
#include "worker/cluster.hpp"
#include "worker/copy.hpp"
#include "worker/repository.hpp"
#include "worker/tidy.hpp"

namespace berth::worker {
namespace {

// On the guest: below this a checkout is not begun.
constexpr std::int64_t kGuestFloor = std::int64_t{256} << 20;

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw Error("build on", what, why);
}

// What berth-watch last saw. No such file (a worker run by hand) is no reason
// to refuse: ssh tells.
void require_running(const Context& context) {
  const std::string& server = context.job.server;
  if (!context.application.allowed_on(server)) {
    refuse(server, "application " + context.application.name +
                       " may not be built there (berth.conf, servers)");
  }
  const State state(context.layout.state);
  for (const auto& [host, unused] : context.config.hosts) {
    const auto body = state.read_json("hosts/" + host + ".json");
    if (!body) continue;
    const HostState seen = host_state_from_json(*body);
    if (!seen.connected) continue;
    for (const DomainState& domain : seen.domains) {
      if (domain.server == server && domain.state != "running") {
        refuse(server, "the server is " + domain.state + "; start it first");
      }
    }
  }
}

std::string text_at(const json::object& object, const char* name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : "";
}

void read_guest(const Context& context, Guest& guest, Report& report,
                Plan& plan) {
  const std::string& server = context.job.server;
  guest.connect(Deadline::in_s(20));
  const json::object status =
      guest.call("status", {{"application", context.application.name}}, report,
                 context.deadline("preflight"));
  plan.current = text_at(status, "current");
  const auto* free = status.if_contains("free_bytes");
  if (free && free->is_int64() && free->as_int64() < kGuestFloor &&
      context.wants_checkout()) {
    refuse(server, "only " + std::to_string(free->as_int64() >> 20) +
                       " MiB are free there");
  }
  const auto* pending = status.if_contains("pending");
  if (pending && pending->is_object()) {
    refuse(server, "job " +
                       json::serialize(pending->as_object().at("job")) +
                       " left a switch unsettled on it");
  }
  if (context.wants_checkout()) {
    plan.slot = plan.current == "a" ? "b" : "a";
    return;
  }
  const auto* slots = status.if_contains("slots");
  const auto* slot = slots && slots->is_object() && !plan.current.empty()
                         ? slots->as_object().if_contains(plan.current)
                         : nullptr;
  if (!slot || !slot->is_object()) {
    refuse(server, "there is no checkout of " + context.application.name +
                       " on it yet; build with a checkout");
  }
  plan.slot = plan.current;
  plan.path = text_at(slot->as_object(), "path");
  plan.revision = text_at(slot->as_object(), "revision");
}

void find_base(const Context& context, Cluster& cluster, Plan& plan,
               Report& report) {
  const std::string& application = context.application.name;
  const auto bases = ready_bases(cluster.databases(), cluster, application);
  const std::string& wanted = context.arguments.database;
  const auto found =
      std::find_if(bases.begin(), bases.end(), [&](const Database& d) {
        return wanted == "newest" || d.marker->generation == wanted;
      });
  if (found == bases.end()) {
    throw Error("find base of", application,
                bases.empty() ? "cluster " + context.cluster->name +
                                    " has none; berthctl publish makes one"
                              : "it has no generation " + wanted);
  }
  if (found->collation_differs) {
    throw Error("use base", found->name,
                "the system's collations have changed since it was made; "
                "restore it anew");
  }
  const auto free = free_bytes(cluster);
  if (free && *free < found->size + context.cluster->disk_floor) {
    throw Error("copy", found->name,
                "only " + std::to_string(*free >> 20) +
                    " MiB are free under cluster " + context.cluster->name);
  }
  plan.base = found->name;
  plan.base_oid = found->oid;
  plan.generation = found->marker->generation;
  plan.data_at = found->marker->data_at;
  plan.copy =
      cluster.names().copy(application, plan.generation, context.job.id);
  report.log("base " + found->name + ", " +
             std::to_string(found->size >> 20) + " MiB");
}

void read_live(const Context& context, Cluster& cluster, Plan& plan,
               Report& report) {
  plan.live = context.application.database_on(context.job.server);
  const auto live = cluster.database(plan.live);
  if (!live) {
    if (!context.wants_database()) {
      report.log("there is no database " + plan.live + " yet");
    }
    return;
  }
  if (!cluster.is_marked(*live, "live") ||
      live->marker->application != context.application.name ||
      live->marker->server != context.job.server) {
    // It may be somebody's only copy of something.
    throw Error("replace", "database " + plan.live,
                "it is not marked as this console's for " +
                    context.application.name + " on " + context.job.server +
                    "; rename it, or let an admin adopt it");
  }
  if (!live->ours_to_alter) {
    throw Error("replace", "database " + plan.live,
                "it belongs to " + live->owner +
                    ", and berth is no member of that role");
  }
  plan.live_oid = live->oid;
  if (context.wants_database()) {
    for (const Session& session : cluster.sessions(plan.live)) {
      report.log("will be cut off " + plan.live + " at the switch: " +
                 session.text);
    }
  } else {
    plan.generation = live->marker->generation;
    plan.data_at = live->marker->data_at;
  }
}

void read_cluster(const Context& context, Plan& plan, Report& report) {
  if (!context.cluster) {
    if (context.wants_database()) {
      refuse(context.job.server, "application " + context.application.name +
                                     " has no database (berth.conf, cluster)");
    }
    return;
  }
  Cluster cluster(*context.cluster, context.names, context.job.id,
                  context.link);
  plan.system = cluster.system_identifier();
  if (context.wants_database()) find_base(context, cluster, plan, report);
  read_live(context, cluster, plan, report);
}

}  // namespace

StepDone preflight(const Context& context, Guest& guest, Report& report,
                   Plan& plan) {
  require_running(context);
  const auto templates =
      read_templates(context.config.folder, context.application.name);
  plan.templates = templates_digest(templates);
  read_guest(context, guest, report, plan);
  if (context.wants_checkout()) {
    plan.path = context.arguments.path;
    plan.revision = resolve_revision(
        context.application, plan.path, context.arguments.revision,
        context.link, context.deadline("preflight"));
  }
  read_cluster(context, plan, report);
  render_all(templates, context.variables(plan, plan.live));
  return {plan.path + "@" + plan.revision.substr(0, 12) +
              (plan.base.empty() ? "" : ", data " + plan.generation),
          to_json(plan)};
}

}  // namespace berth::worker
