// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for a check: anybody may request one, whoever holds the server.
#include "runner/decide/checks.hpp"
#include "runner/decide/request.hpp"

namespace berth::runner {

Receipt decide_check(Request request, const NextNumber& number) {
  const World& world = request.world;
  const std::string& name = request.drop.target;
  const json::value arguments(request.drop.arguments);
  ObjectReader(arguments, "arguments").finish();
  const Server* server = world.server(name);
  if (!server) return request.refuse(404, "there is no server " + name);
  request.receipt.server = name;
  if (const auto why = refuse_server(*server, name); !why.empty()) {
    return request.refuse(409, why);
  }
  if (world.draining) return request.refuse_draining();
  if (!server->configuration) {
    return request.refuse(409, name + " has no configuration to check: "
                                   "nothing was built on it");
  }
  const std::string& carries = server->configuration->application;
  if (!world.config.applications.contains(carries)) {
    return request.refuse(409, "application " + carries + " of " + name +
                                   " is no longer configured");
  }
  Job job = check_job(world, name, number());
  job.user = request.drop.user;
  job.token = request.drop.token;
  request.add_job(job);
  return request.accept(201, job_text(job.id) + " checks " +
                                 name);
}

}  // namespace berth::runner
