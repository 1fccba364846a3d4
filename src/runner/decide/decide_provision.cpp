// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for provision and retire. What only the host knows - a domain that no
// glob matches, a full pool - is checked by the worker before it makes
// anything.
#include "base/name.hpp"
#include "runner/decide/request.hpp"

namespace berth::runner {
namespace {

const LiveJob* job_of(const World& world, JobKind kind,
                      const std::string& server) {
  for (const LiveJob* live : world.jobs_on(server)) {
    if (live->job.kind == kind) return live;
  }
  return nullptr;
}

// Why a server of that name cannot be created; empty if it can.
std::string taken(const World& world, const std::string& name) {
  const Server* server = world.server(name);
  if (server && !server->host.empty()) {
    return name + " is already a server of host " + server->host;
  }
  if (server && server->hold) {
    return name + " is held by " + server->hold->user +
           " although no host lists it; release it first";
  }
  for (const auto& [host, config] : world.config.hosts) {
    for (const auto& [domain, alias] : config.aliases) {
      if (alias == name) {
        return name + " is the alias of domain " + domain + " on host " + host +
               " (`aliases` in berth.conf)";
      }
    }
  }
  return "";
}

}  // namespace

Receipt decide_provision(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  const World& world = request.world;
  const json::value given(request.drop.arguments);
  const auto a = arguments_from<ProvisionArguments>(given);
  if (!request.admin) {
    return request.refuse(403, "only an admin may create a server ([console] "
                               "admins in berth.conf); ask an admin");
  }
  if (!is_server_name(name)) {
    return request.refuse(400, "invalid server name: a lower-case letter, then "
                               "letters, digits and '-', at most 31 "
                               "characters");
  }
  const auto host = world.config.hosts.find(a.host);
  if (host == world.config.hosts.end()) {
    return request.refuse(404, "there is no host " + a.host);
  }
  if (!host->second.images.contains(a.image)) {
    json::array images;
    for (const auto& [image, unused] : host->second.images) {
      images.emplace_back(image);
    }
    request.receipt.extra["images"] = std::move(images);
    return request.refuse(404, "host " + a.host + " has no image " + a.image +
                                   " ([host." + a.host + ".image.*] in "
                                   "berth.conf)");
  }
  if (world.draining) return request.refuse_draining();
  if (!host->second.lists(name)) {
    return request.refuse(409, "domain " + name + " would not be a server: no "
                                   "glob in `servers` of host " + a.host +
                                   " matches it");
  }
  if (const LiveJob* other = job_of(world, JobKind::provision, name)) {
    request.receipt.extra["job"] = other->job.id;
    return request.refuse(
        409, job_text(other->job.id) + " already creates " + name);
  }
  const std::string why = taken(world, name);
  if (!why.empty()) return request.refuse(409, why);
  const auto seen = world.hosts.find(a.host);
  if (seen == world.hosts.end() || !seen->second.fresh) {
    return request.refuse(409, "host " + a.host + " is unreachable: " +
                                   (seen == world.hosts.end()
                                        ? "it has not reported yet"
                                        : seen->second.reason));
  }
  Job job = request.new_job(JobKind::provision, number());
  job.server = name;
  job.arguments = to_json(a);
  request.receipt.server = name;
  request.add_job(job);
  return request.accept(201, job_text(job.id) + " creates " + name +
                                 " on host " + a.host + " from image " +
                                 a.image);
}

Receipt decide_retire(Request request, const NextNumber& number) {
  const std::string& name = request.drop.target;
  const World& world = request.world;
  const json::value given(request.drop.arguments);
  auto a = arguments_from<RetireArguments>(given);
  if (world.draining) {
    return request.refuse_draining();
  }
  const Server* server = world.server(name);
  if (!server) return request.refuse(404, "there is no server " + name);
  request.receipt.server = name;
  if (server->host.empty()) {
    return request.refuse(409, "no host lists " + name + " any longer");
  }
  if (!server->fresh) {
    return request.refuse(409, "host " + server->host + " is unreachable: " +
                                   server->stale_reason);
  }
  if (!a.host.empty() && a.host != server->host) {
    return request.refuse(409, name + " is on host " + server->host +
                                   ", not on " + a.host);
  }
  if (const LiveJob* other = job_of(world, JobKind::retire, name)) {
    request.receipt.extra["job"] = other->job.id;
    return request.refuse(
        409, job_text(other->job.id) + " already retires " + name);
  }
  a.host = server->host;
  Job job = request.new_job(JobKind::retire, number());
  job.server = name;
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(
      201,
      job_text(job.id) + (a.uuid.empty() ? " inspects " : " retires ") + name);
}

}  // namespace berth::runner
