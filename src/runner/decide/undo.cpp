// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/decide/undo.hpp"

#include <algorithm>

namespace berth::runner {
namespace {

// Of several databases that claim to be the former one, the one with the OID in
// the history: the name of trash ends in OID_JOB, while all else known of it is
// from a marker that an owner may have written.
const FormerDatabase* former_of(const ClusterState& cluster,
                                const std::string& server,
                                const std::string& application,
                                const LastSwitch& last) {
  const FormerDatabase* unproven = nullptr;
  for (const auto& former : cluster.former) {
    if (former.job != last.job || former.server != server ||
        former.application != application) {
      continue;
    }
    const auto& before = last.before->database;
    if (before && former.database.ends_with(
                      "_t_" + std::to_string(before->oid) + "_" +
                      std::to_string(last.job))) {
      return &former;
    }
    if (!unproven) unproven = &former;
  }
  return unproven;
}

// Why the database forbids an undo, empty if it does not; sets `until`.
std::string refuse_data(const World& world, const std::string& server,
                        const ApplicationConfig& app, UndoOffer& offer) {
  const LastSwitch& last = world.server(server)->last_switch;
  const auto found = world.clusters.find(app.cluster);
  if (found == world.clusters.end()) {
    return "cluster " + app.cluster + " has not reported yet";
  }
  const ClusterState& cluster = found->second;
  if (!cluster.reachable) {
    return "cluster " + app.cluster + " is unreachable: " + cluster.reason;
  }
  const std::string job = std::to_string(last.job);
  const FormerDatabase* former = former_of(cluster, server, app.name, last);
  if (former) {
    offer.until = former->until;
    offer.keep_until = offer.newest->built_at + app.longest_undo;
    if (former->until >= world.now + kUndoNeeds) return "";
  } else if (!world.seen_since_change(app.cluster) && last.began &&
             *last.began + app.undo >= world.now + kUndoNeeds) {
    return "";  // the state is older than the switch
  }
  return "the database that " + server + " had before job " + job +
         " is deleted or about to be deleted (`undo` in the configuration is "
         "how long it is kept); build again";
}

std::string refuse(const World& world, const std::string& name,
                   const Server& server, UndoOffer& offer) {
  const LastSwitch& last = server.last_switch;
  if (!server.configuration) {
    return name + " has no configuration";
  }
  const std::string job = std::to_string(server.configuration->job);
  if (!last.before || last.job != server.configuration->job) {
    return "the configuration of " + name + " before job " + job +
           " is unknown: there is nothing to undo to";
  }
  const std::string& application = server.configuration->application;
  if (last.before->application != application) {
    return "before job " + job + " " + name + " had " +
           last.before->application +
           ", and an undo cannot change the application; build " +
           last.before->application + " again";
  }
  const auto app = world.config.applications.find(application);
  if (app == world.config.applications.end()) {
    return "application " + application + " is no longer configured";
  }
  if (last.checkout && last.lost_to != 0) {
    return "the slot of " + name + " before job " + job +
           " is overwritten: " + job_text(last.lost_to) +
           " began a checkout in it; build again";
  }
  offer.newest = &*server.configuration;
  offer.last = &last;
  if (!last.database) return "";
  return refuse_data(world, name, app->second, offer);
}

}  // namespace

UndoOffer undo_of(const World& world, const std::string& name) {
  UndoOffer offer;
  const Server* server = world.server(name);
  if (!server) {
    offer.refused = "there is no server " + name;
    return offer;
  }
  offer.refused = refuse(world, name, *server, offer);
  if (offer.refused.empty()) offer.refused = database_conflict(world, name);
  return offer;
}

UndoArguments undo_arguments(const UndoOffer& offer) {
  UndoArguments out;
  out.job = offer.last->job;
  out.checkout = offer.last->checkout;
  out.database = offer.last->database;
  out.previous = to_json(*offer.last->before);
  return out;
}

std::string database_conflict(const World& world, const std::string& name) {
  const Server* server = world.server(name);
  const auto seen = world.live.find(name);
  if (!server || seen == world.live.end()) return "";
  const auto known = world.highest_job.find(name);
  const std::int64_t highest =
      known == world.highest_job.end() ? 0 : known->second;
  for (const auto& [cluster, live] : seen->second) {
    // A job that has not ended, or that ended after the cluster was inspected,
    // explains any difference.
    if (!world.seen_since_change(cluster) || world.jobs.contains(live.job)) {
      continue;
    }
    // A database of another application proves nothing about this one's: its
    // owner can write any job number into its marker.
    if (server->configuration &&
        server->configuration->application != live.application) {
      continue;
    }
    const std::string what = "database " + live.database + " on " + cluster;
    if (live.job > highest) {
      return what + " was made by " + job_text(live.job) +
             ", which is not in the history of " + name +
             " (was an older backup restored?); build again with a database, "
             "or check which database is current";
    }
    if (!server->configuration || !server->configuration->database) continue;
    const DatabaseOnServer& recorded = *server->configuration->database;
    if (recorded.cluster == cluster && recorded.name == live.database &&
        recorded.oid != live.oid) {
      return what + " is not the one in the history (OID " +
             std::to_string(live.oid) + " of " + job_text(live.job) +
             ", not " + std::to_string(recorded.oid) +
             "); build again with a database";
    }
  }
  return "";
}

}  // namespace berth::runner
