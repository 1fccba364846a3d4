// SPDX-License-Identifier: GPL-2.0-or-later
// Rules for undo, and for keep, which extends the time that an undo's data is
// kept. Only the holder of the server and admins may request them; on a free
// server only admins.
#include <algorithm>

#include "runner/decide/request.hpp"
#include "runner/decide/undo.hpp"

namespace berth::runner {
namespace {

// A job that may change what an undo would restore; nullptr: none.
const LiveJob* in_the_way(const World& world, const std::string& name) {
  for (const LiveJob* live : world.jobs_on(name)) {
    if (live->job.kind != JobKind::keep) return live;
  }
  return nullptr;
}

// What both require: a receipt that refuses, or nullopt. That nothing can be
// undone is answered to everybody, holder or not.
std::optional<Receipt> refuse_both(Request& request, const UndoOffer& offer,
                                   const std::string& what) {
  const World& world = request.world;
  const std::string& name = request.drop.target;
  if (world.server(name) && !offer.refused.empty()) {
    request.receipt.server = name;
    return request.refuse(409, offer.refused);
  }
  if (auto no = refuse_not_yours(request, false, what)) return no;
  if (const LiveJob* live = in_the_way(world, name)) {
    request.receipt.extra["job"] = live->job.id;
    return request.refuse(409, job_text(live->job.id) + " on " +
                                   name + " has not ended; cancel it or wait "
                                   "for it, then " + what);
  }
  return std::nullopt;
}

Job job_on_server(const Request& request, JobKind kind,
                  std::int64_t number) {
  Job job = request.new_job(kind, number);
  job.server = request.drop.target;
  job.application =
      request.world.server(job.server)->configuration->application;
  return job;
}

// The job whose switch is to be undone: `job` if the user named it, or `seen`,
// the last one when the web side wrote the drop, which may be long ago. 0:
// whichever is the last now.
std::int64_t job_meant(const Drop& drop) {
  const json::value arguments(drop.arguments);
  ObjectReader in(arguments, "arguments");
  const std::int64_t job = in.optional_integer("job").value_or(0);
  const std::int64_t seen = in.optional_integer("seen").value_or(0);
  in.finish();
  if (job < 0 || seen < 0) throw JsonError("job: must be a job number", "job");
  return job != 0 ? job : seen;
}

}  // namespace

Receipt decide_undo(Request request, const NextNumber& number) {
  const std::int64_t meant = job_meant(request.drop);
  const std::string& name = request.drop.target;
  const UndoOffer offer = undo_of(request.world, name);
  if (const auto no = refuse_both(request, offer, "undo")) return *no;
  const std::int64_t last = request.world.server(name)->last_switch.job;
  if (meant != 0 && last != 0 && meant != last) {
    request.receipt.extra["job"] = last;
    return request.refuse(409, "the last switch on " + name + " is " +
                                   job_text(last) + ", not " +
                                   job_text(meant) +
                                   "; check what an undo would restore now, "
                                   "and try again");
  }
  if (const auto why = refuse_server(*request.world.server(name), name);
      !why.empty()) {
    return request.refuse(409, why);
  }
  Job job = job_on_server(request, JobKind::undo, number());
  job.arguments = to_json(undo_arguments(offer));
  request.add_job(job);
  return request.accept(201, job_text(job.id) + " undoes " +
                                 job_text(offer.last->job) + " on " +
                                 name);
}

Receipt decide_keep(Request request, const NextNumber& number) {
  auto a = arguments_from<KeepArguments>(request.drop.arguments);
  const std::string& name = request.drop.target;
  const UndoOffer offer = undo_of(request.world, name);
  if (const auto no = refuse_both(request, offer, "keep")) return *no;
  if (!offer.until || !offer.keep_until) {
    return request.refuse(409, offer.last->database
                                   ? "the former database of " + name +
                                         " is not known yet; try again in a "
                                         "few seconds"
                                   : "an undo on " + name +
                                         " needs no database, so it does not "
                                         "expire");
  }
  // Never earlier than the current end, never later than the configuration
  // allows.
  const Instant now = request.world.now;
  const Instant wanted = now + static_cast<std::int64_t>(a.hours * 3600);
  const Instant until = std::min(std::max(wanted, *offer.until),
                                 std::max(*offer.keep_until, *offer.until));
  if (until <= *offer.until) {
    request.receipt.extra["until"] = rfc3339(*offer.until);
    return request.refuse(
        409, "the undo on " + name + " is already kept until " +
                 rfc3339(*offer.until) +
                 (*offer.keep_until <= *offer.until
                      ? ", and `longest_undo` does not allow more"
                      : ""));
  }
  a.hours = static_cast<double>(until - now) / 3600;
  Job job = job_on_server(request, JobKind::keep, number());
  job.arguments = to_json(a);
  request.receipt.extra["until"] = rfc3339(until);
  request.add_job(job);
  return request.accept(201, job_text(job.id) +
                                 " keeps the undo on " + name + " until " +
                                 rfc3339(until));
}

}  // namespace berth::runner
