// SPDX-License-Identifier: GPL-2.0-or-later
// Bodies of servers.
#include "runner/bodies.hpp"

#include "model/instant.hpp"
#include "runner/undo.hpp"

namespace berth::runner {
namespace {

// What an undo would go back behind and to. While jobs are at work it is
// still shown: a request says then what it waits for.
json::value undo_body(const UndoOffer& offer) {
  if (!offer.refused.empty()) return nullptr;
  const Configuration& to = *offer.last->before;
  json::object configuration = {
      {"application", to.application},
      {"path", text_or_null(to.path)},
      {"revision", text_or_null(to.revision)},
      {"generation", nullptr},
      {"data_at", nullptr}};
  if (to.database) {
    configuration["generation"] = text_or_null(to.database->generation);
    configuration["data_at"] = instant_or_null(to.database->data_at);
  }
  return {{"job", offer.last->job},
          {"user", offer.newest->user},
          {"until", instant_or_null(offer.until)},
          {"configuration", std::move(configuration)},
          {"keep_until", instant_or_null(offer.keep_until)}};
}

}  // namespace

JobsByServer jobs_by_server(const World& world) {
  JobsByServer out;
  for (const auto& [id, live] : world.jobs) {
    if (live.job.server.empty()) continue;
    // The one that runs; else the first that waits.
    auto [at, fresh] = out.try_emplace(live.job.server, &live);
    if (!fresh && live.state != JobState::queued) at->second = &live;
  }
  return out;
}

json::object server_body(const World& world, const std::string& name,
                         const JobsByServer& jobs) {
  const Server& s = world.servers.at(name);
  json::array addresses;
  for (const auto& address : s.addresses) addresses.emplace_back(address);
  const auto job = jobs.find(name);
  return {{"name", name},
          {"host", text_or_null(s.host)},
          {"state", s.state},
          {"fresh", s.fresh},
          {"state_as_of", s.as_of == 0 ? json::value(nullptr)
                                       : json::value(rfc3339(s.as_of))},
          {"stale_reason", text_or_null(s.stale_reason)},
          {"addresses", std::move(addresses)},
          {"hold", to_json(s.hold)},
          {"configuration", to_json(s.configuration)},
          {"job", job == jobs.end()
                      ? json::value(nullptr)
                      : json::value(job_short(world, *job->second))},
          {"last_job", s.last_job},
          {"undo", undo_body(undo_of(world, name))},
          {"problem", text_or_null(database_conflict(world, name))}};
}

json::value servers_body(const World& world) {
  const JobsByServer jobs = jobs_by_server(world);
  json::array servers;
  for (const auto& [name, server] : world.servers) {
    servers.push_back(server_body(world, name, jobs));
  }
  return {{"as_of", rfc3339(world.now)}, {"servers", std::move(servers)}};
}

json::value one_server_body(const World& world, const std::string& name) {
  json::object out = server_body(world, name, jobs_by_server(world));
  out["as_of"] = rfc3339(world.now);
  return out;
}

}  // namespace berth::runner
