// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/settle.hpp"

#include "worker/cluster/pinned.hpp"
#include "worker/cluster/swap.hpp"
#include "worker/cluster/trash.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kAsk = 300;        // seconds, for one verb
constexpr std::int64_t kForget = 15;
constexpr std::int64_t kTryAgain = 2000;  // ms
constexpr int kTries = 3;

// Uses the connection of this process, or a new one if that is broken. Throws
// Away when the guest does not answer, GuestError when its error is permanent.
json::object ask(const Context& context, Guest& guest, const std::string& verb,
                 json::object arguments, Report& report, std::int64_t seconds) {
  arguments["application"] = context.application.name;
  if (verb == "settle") arguments["job"] = context.job.id;
  for (int attempt = 1;; ++attempt) {
    try {
      guest.require_connection(Deadline::in_s(kConnectSeconds));
      return guest.call(verb, arguments, report, Deadline::in_s(seconds));
    } catch (const Away&) {
      if (attempt == kTries) throw;
    } catch (const GuestError& e) {
      // Exit code 20 of settle is "busy": the killed verb is still ending.
      if (attempt == kTries || e.exit_code() == 10) throw;
    }
    context.link.sleep(kTryAgain);
  }
}

bool guest_switched(const Context& context, Guest& guest) {
  NoReport quiet;
  const json::object reply =
      ask(context, guest, "settle", {{"commit", "report"}}, quiet, kAsk);
  if (bool_or(reply, "pending", false)) {
    return bool_or(reply, "switched", false);
  }
  // Committed earlier and nothing pending, or never begun.
  if (const json::value* committed = reply.if_contains("committed")) {
    return *committed == json::value(context.job.id);
  }
  // A berth-guest from before undo does not report it; the marker of the served
  // slot names the job.
  const json::object status = ask(context, guest, "status", {}, quiet, kAsk);
  const json::string* current = if_string(status, "current");
  const json::object* slots = if_object(status, "slots");
  const json::object* slot =
      current && slots ? if_object(*slots, *current) : nullptr;
  return slot && int64_or(*slot, "job", 0) == context.job.id;
}

// The guest answers, and has no record of a pending or settled switch of this
// job: it was created anew, or set back to a snapshot.
bool forgotten(const Context& context, Guest& guest) {
  NoReport quiet;
  try {
    const json::object reply =
        ask(context, guest, "settle", {{"commit", "report"}}, quiet, kAsk);
    if (bool_or(reply, "pending", false)) return false;
  } catch (const Error&) {
    return false;  // "busy" does not answer the question
  }
  try {
    guest.call("settle",
               {{"application", context.application.name},
                {"job", context.job.id},
                {"commit", true}},
               quiet, Deadline::in_s(kAsk));
  } catch (const GuestError& e) {
    return e.exit_code() == 20;
  } catch (const Error&) {
  }
  return false;
}

// The copy is identified by its OID, because its owner, whose password each
// guest has, may have changed its comment.
Database marked_again(const Context& context, const Plan& plan,
                      Cluster& cluster, const Database& copy) {
  if (cluster.is_marked(copy, "spare") &&
      copy.marker->job == context.job.id) {
    return copy;
  }
  // The former owner can no longer change the comment.
  if (copy.owner != cluster.role()) cluster.own(copy.name);
  DatabaseMarker marker;
  marker.site = context.names.site();
  marker.kind = "spare";
  marker.state = "ready";
  marker.application = context.application.name;
  marker.generation = plan.generation;
  marker.server = context.job.server;
  marker.job = context.job.id;
  cluster.comment(copy.name, marker);
  return cluster.database(copy.name).value_or(copy);
}

void discard_copy(const Context& context, const Plan& plan, Cluster& cluster,
                  Report& report) {
  cluster.lock(plan.copy, Deadline::in_s(30));
  auto copy = cluster.database(plan.copy);
  if (!copy) return;
  if (copy->oid == plan.copy_oid) {
    copy = marked_again(context, plan, cluster, *copy);
  } else if (copy->marker && copy->marker->job != context.job.id) {
    return;
  }
  report.log("moved the copy to the trash: " +
             to_trash(cluster, *copy, context.job.id));
}

void put_cluster_back(const Context& context, const Plan& plan,
                      Report& report) {
  Cluster cluster(*context.cluster, context.names, context.job.id,
                  context.link);
  require_pinned(cluster, context.config);
  cluster.require_system(plan.system);
  cluster.end_earlier_sessions();
  cluster.lock(plan.live, Deadline::in_s(30));
  const auto live = cluster.database(plan.live);
  // An invalid database (-2) cannot be altered; the next build replaces it.
  if (live && !live->allow_connections && live->connection_limit != -2 &&
      cluster.is_marked(*live, "live") &&
      live->marker->server == context.job.server) {
    cluster.allow_connections(plan.live, true);
  }
  // The database that an undo would have restored remains in the trash.
  if (cluster.names().kind_of(plan.copy) == 't') return;
  // The server is unchanged; the copy is no reason to keep it unsettled.
  try {
    discard_copy(context, plan, cluster, report);
  } catch (const Away&) {
    throw;
  } catch (const Error& e) {
    report.log(std::string("tidy will remove the copy: ") + e.what());
  }
}

}  // namespace

bool was_committed(const Context& context, const Plan& plan, Guest& guest) {
  if (!plan.swaps()) return guest_switched(context, guest);
  Cluster cluster(*context.cluster, context.names, context.job.id,
                  context.link);
  cluster.require_system(plan.system);
  cluster.end_earlier_sessions();
  return plan.copy_oid && swapped_by(cluster, plan.live, *plan.copy_oid);
}

void put_back(const Context& context, const Plan& plan, bool switch_begun,
              Guest& guest, Report& report) {
  if (switch_begun) {
    ask(context, guest, "settle", {{"commit", false}}, report, kAsk);
  } else {
    forget_on_guest(context, guest, report);
  }
  if (!plan.swaps()) return;
  try {
    put_cluster_back(context, plan, report);
  } catch (const Error& e) {
    if (switch_begun) throw Away(e.action(), e.subject(), e.cause());
    report.log(std::string("tidy will clean up the cluster: ") + e.what());
  }
}

void confirm_on_guest(const Context& context, Guest& guest, Report& report) {
  try {
    ask(context, guest, "settle", {{"commit", true}}, report, kAsk);
  } catch (const Away& e) {
    throw Unsettled(e.action(), e.subject(), e.cause());
  } catch (const GuestError& e) {
    if (forgotten(context, guest)) {
      throw Error("settle on", context.job.server,
                  "the guest has no record of this job (it was created anew or "
                  "set back to a snapshot): the new database is live, but the "
                  "files may be older; build again with a checkout");
    }
    throw Unsettled(e.action(), e.subject(), e.cause());
  }
}

void forget_on_guest(const Context& context, Guest& guest, Report& report) {
  try {
    guest.call("discard", {{"application", context.application.name}}, report,
               Deadline::in_s(kForget));
  } catch (const Error& e) {
    report.log(std::string("cannot clean up on the guest: ") + e.what());
  }
}

}  // namespace berth::worker
