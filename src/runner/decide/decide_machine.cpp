// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for the machine itself: power and snapshots.
//
// What the machine's state rules out is refused to everybody. Then the user
// must be the holder of the server or an admin. On a free server anybody may
// use the power - who could reserve it may start or reboot it, and the history
// records who did - but only an admin may use its snapshots.
//
// Neither runs while a job works on the server, with one exception: an
// unsettled job waits for the guest, and often only a start or a reset brings
// that back. Power, and only power, may run next to it; to that job the guest
// was unreachable once more.
#include <algorithm>

#include "runner/decide/request.hpp"

namespace berth::runner {
namespace {

// Each snapshot keeps the server's memory, and the changes of its disks, in the
// host's pool.
constexpr std::size_t kMostSnapshots = 20;
constexpr std::size_t kNamesTold = 100;  // snapshots listed in a refusal

// A job that creates or retires a server controls its power itself.
bool is_stuck(const LiveJob& live) {
  if (live.job.kind == JobKind::provision ||
      live.job.kind == JobKind::retire) {
    return false;
  }
  return live.state == JobState::unsettled || !live.trouble.empty();
}

// With `running` the guest must be running; without, its host must be
// reachable.
std::optional<Receipt> refuse_state(Request& request, bool running) {
  const std::string& name = request.drop.target;
  const Server* server = request.world.server(name);
  if (!server || (server->fresh && !running)) return std::nullopt;
  const std::string why = refuse_server(*server, name);
  if (why.empty()) return std::nullopt;
  request.receipt.server = name;
  return request.refuse(409, why);
}

Receipt in_the_way(Request& request, const LiveJob& live,
                   const std::string& then) {
  request.receipt.extra["job"] = live.job.id;
  return request.refuse(409, job_text(live.job.id) + " on " +
                                 request.drop.target + " has not ended; "
                                 "cancel it or wait for it, then " + then);
}

std::string action_text(const PowerArguments& a) {
  if (a.action == "start") return " starts ";
  if (a.action == "reboot") return " reboots ";
  if (a.action == "reset") return " resets ";
  return a.force ? " forces off " : " shuts down ";
}

std::string action_text(const SnapshotArguments& a) {
  if (a.action == "take") return " takes snapshot " + a.name + " of ";
  if (a.action == "delete") return " deletes snapshot " + a.name + " of ";
  return " reverts to snapshot " + a.name + " on ";
}

}  // namespace

std::string refuse_no_snapshot(Request& request, const Server& server,
                               const std::string& name) {
  json::array known;
  bool there = false;
  for (const auto& snapshot : server.domain.snapshots) {
    there = there || snapshot.name == name;
    if (known.size() < kNamesTold) known.emplace_back(snapshot.name);
  }
  if (there) return "";
  const bool none = known.empty();
  request.receipt.extra["snapshots"] = std::move(known);
  return server.domain.server + " has no snapshot " + name +
         (none ? " (it has no snapshots)"
               : "; its snapshots are in 'snapshots'");
}

Receipt decide_power(Request request, const NextNumber& number) {
  auto a = arguments_from<PowerArguments>(request.drop.arguments);
  const bool running = a.action == "reboot" || a.action == "reset";
  if (const auto no = refuse_state(request, running)) return *no;
  if (const auto no = refuse_not_yours(request, true, "use its power")) {
    return *no;
  }
  const std::string& name = request.drop.target;
  a.beside = 0;
  for (const LiveJob* live : request.world.jobs_on(name)) {
    const bool waits_for_it =
        live->state == JobState::queued && a.beside != 0;
    if (is_stuck(*live) && live->job.kind != JobKind::power) {
      a.beside = live->job.id;
    } else if (!waits_for_it) {
      return in_the_way(request, *live, a.action);
    }
  }
  Job job = request.new_job(JobKind::power, number());
  job.server = name;
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(201,
                        job_text(job.id) + action_text(a) + name +
                            (a.beside == 0 ? ""
                                           : ", next to " + job_text(a.beside) +
                                                 ", which waits for it"));
}

Receipt decide_snapshot(Request request, const NextNumber& number) {
  auto a = arguments_from<SnapshotArguments>(request.drop.arguments);
  if (const auto no = refuse_state(request, false)) return *no;
  if (const auto no = refuse_not_yours(request, false, "use its snapshots")) {
    return *no;
  }
  const std::string& name = request.drop.target;
  const Server& server = *request.world.server(name);
  const auto jobs = request.world.jobs_on(name);
  if (!jobs.empty()) return in_the_way(request, *jobs.front(), "try again");
  const std::string missing = refuse_no_snapshot(request, server, a.name);
  if (a.action == "take" && missing.empty()) {
    return request.refuse(409, name + " already has a snapshot " + a.name +
                                   "; delete it, or choose another name");
  }
  if (a.action != "take" && !missing.empty()) {
    return request.refuse(404, missing);
  }
  if (a.action == "take" && server.domain.snapshots.size() >= kMostSnapshots) {
    return request.refuse(409, name + " already has " +
                                   std::to_string(kMostSnapshots) +
                                   " snapshots, the most a server may have; "
                                   "delete one");
  }
  request.receipt.extra.erase("snapshots");
  a.seq = a.action == "take" ? server.history_seq : 0;
  Job job = request.new_job(JobKind::snapshot, number());
  job.server = name;
  job.arguments = to_json(a);
  request.add_job(job);
  return request.accept(201, job_text(job.id) + action_text(a) + name);
}

}  // namespace berth::runner
