// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for cancel and drain.
#include "base/name.hpp"
#include "runner/decide/request.hpp"

namespace berth::runner {
namespace {

// The holder decides what happens to the server: not whether there is one, nor
// who may look at it.
bool is_the_holders(const Job& job) {
  return !job.server.empty() && !only_looks(job.kind) &&
         !row_of(job.kind).only_root && job.kind != JobKind::provision;
}

bool may_cancel(const Request& request, const Job& job) {
  if (request.admin || job.user == request.drop.user) return true;
  if (!is_the_holders(job)) return false;
  const Server* server = request.world.server(job.server);
  return server && server->hold && server->hold->user == request.drop.user;
}

}  // namespace

Receipt decide_cancel(Request request, const NextNumber&) {
  const auto id = number_in(request.drop.target, "", "");
  const World& world = request.world;
  if (!id || *id < 1 || *id > world.last_number) {
    return request.refuse(404, "there is no job " + request.drop.target);
  }
  const json::value arguments(request.drop.arguments);
  ObjectReader(arguments, "arguments").finish();
  const std::string name = job_text(*id);
  const auto found = world.jobs.find(*id);
  if (found == world.jobs.end()) {
    return request.refuse(409, name + " has already ended");
  }
  const LiveJob& live = found->second;
  request.receipt.server = live.job.server;
  request.receipt.job = *id;
  if (!may_cancel(request, live.job)) {
    return request.refuse(
        403, name + " belongs to " + live.job.user + "; only its owner" +
                 (is_the_holders(live.job) ? ", the holder of the server"
                                           : "") +
                 " or an admin may cancel it");
  }
  if (live.past_cancel) {
    return request.refuse(409, name + " has passed its commit point and will "
                                   "be completed");
  }
  if (live.job.cancel) return request.accept(202, name + " is cancelled");
  request.add_cancel(*id);
  if (live.state == JobState::queued) {
    return request.accept(200, name + " is cancelled before it started");
  }
  return request.accept(202, name + " is being cancelled");
}

Receipt decide_drain(Request request, const NextNumber&) {
  const json::value arguments(request.drop.arguments);
  ObjectReader in(arguments, "arguments");
  const bool on = in.boolean("on");
  in.finish();
  if (request.drop.target != "*") {
    return request.refuse(400, "drain: the target must be '*'");
  }
  request.receipt.effects.push_back({{"kind", "drain"}, {"on", on}});
  return request.accept(200, on ? "no new jobs are accepted"
                                : "new jobs are accepted");
}

}  // namespace berth::runner
