// SPDX-License-Identifier: GPL-2.0-or-later
// Bodies of servers.
#include "runner/publish/bodies.hpp"

#include "runner/decide/checks.hpp"
#include "runner/decide/undo.hpp"

namespace berth::runner {
namespace {

// What an undo would revert and restore. It is shown while jobs run as well: a
// request is then refused, naming the job.
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
    configuration["data_at"] = or_null(to.database->data_at);
  }
  return {{"job", offer.last->job},
          {"user", offer.newest->user},
          {"until", or_null(offer.until)},
          {"configuration", std::move(configuration)},
          {"keep_until", or_null(offer.keep_until)}};
}

std::string problem_of(const World& world, const std::string& name) {
  const std::string& clash = world.servers.at(name).clash;
  return clash.empty() ? database_conflict(world, name) : clash;
}

json::value bytes_or_null(std::int64_t bytes) {
  return bytes > 0 ? json::value(bytes) : json::value(nullptr);
}

// A snapshot as readers see it: of its mark, only which build it holds.
json::object snapshot_body(const Snapshot& s) {
  return {{"name", s.name},
          {"created", rfc3339(s.created)},
          {"state", s.state},
          {"current", s.current},
          {"note", text_or_null(s.note)},
          {"job", s.mark ? json::value(s.mark->job) : json::value(nullptr)}};
}

// The members of one machine, for the body of one server.
void add_machine(const DomainState& domain, json::object& out) {
  json::array snapshots;
  for (const auto& s : domain.snapshots) snapshots.push_back(snapshot_body(s));
  out["addresses_from"] = text_or_null(domain.addresses_from);
  out["since"] = or_null(domain.since);
  out["vcpus"] = bytes_or_null(domain.vcpus);
  out["memory"] = bytes_or_null(domain.memory);
  out["disk_capacity"] = bytes_or_null(domain.disk_capacity);
  out["disk_allocation"] = bytes_or_null(domain.disk_allocation);
  out["snapshots"] = std::move(snapshots);
}

// How the server differs from its last build; null if it does not, or was not
// checked.
json::value drift_body(const Check* check) {
  if (!check || !check->drifted()) return nullptr;
  json::object out = to_json(*check);
  for (const char* name : {"version", "server", "at"}) out.erase(name);
  out["as_of"] = rfc3339(check->at);
  return out;
}

}  // namespace

JobsByServer jobs_by_server(const World& world) {
  JobsByServer out;
  for (const auto& [id, live] : world.jobs) {
    if (live.job.server.empty() || only_looks(live.job.kind)) continue;
    // The running job; without one, the first that waits.
    auto [at, fresh] = out.try_emplace(live.job.server, &live);
    if (!fresh && live.state != JobState::queued) at->second = &live;
  }
  return out;
}

json::object server_body(const World& world, const std::string& name,
                         const JobsByServer& jobs) {
  const Server& s = world.servers.at(name);
  json::array addresses;
  for (const auto& address : s.domain.addresses) {
    addresses.emplace_back(address);
  }
  const auto job = jobs.find(name);
  const Check* check = check_of(s);
  return {{"name", name},
          {"host", text_or_null(s.host)},
          {"state", s.state},
          {"fresh", s.fresh},
          {"state_as_of", s.as_of == 0 ? json::value(nullptr)
                                       : json::value(rfc3339(s.as_of))},
          {"stale_reason", text_or_null(s.stale_reason)},
          {"addresses", std::move(addresses)},
          {"hold", or_null(s.hold)},
          {"configuration", or_null(s.configuration)},
          {"job", job == jobs.end()
                      ? json::value(nullptr)
                      : json::value(job_short(world, *job->second))},
          {"last_job", s.last_job},
          {"undo", undo_body(undo_of(world, name))},
          {"drift", drift_body(check)},
          {"checked_at", check ? json::value(rfc3339(check->at))
                               : json::value(nullptr)},
          {"problem", text_or_null(problem_of(world, name))}};
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
  add_machine(world.servers.at(name).domain, out);
  out["no_undo"] = text_or_null(undo_of(world, name).refused);
  out["as_of"] = rfc3339(world.now);
  return out;
}

}  // namespace berth::runner
