// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/undo.hpp"

#include "worker/build/preflight.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/undo_database.hpp"
#include "worker/guest/guest_status.hpp"
#include "worker/job/running.hpp"

namespace berth::worker {

Undo::Undo(const Context& context, Journal& journal)
    : SwitchJob(context, journal),
      arguments_(arguments_from<UndoArguments>(context.job.arguments)) {}

StepDone Undo::check() {
  return preflight_undo(context_, arguments_, guest_, journal_, plan_);
}

GuestSwitch Undo::guest_switch() const {
  json::object arguments{{"job", arguments_.job}, {"slot", nullptr}};
  if (arguments_.checkout) {
    arguments["slot"] = plan_.slot;
    arguments["path"] = plan_.path;
    arguments["revision"] = plan_.revision;
  }
  return {"undo", arguments};
}

Configuration Undo::served() const {
  // preflight has checked that it is valid.
  return optional_from_json<Configuration>(arguments_.previous).value();
}

std::string Undo::summary() const {
  return job_text(arguments_.job) + " is undone: " +
         plan_.text(context_.application.name, context_.job.server);
}

std::string Undo::kept_summary() const {
  return job_text(arguments_.job) + " remains undone";
}

void undo_job(const Context& context, Journal& journal,
              const Attempt& attempt) {
  Undo undo(context, journal);
  if (attempt.resumed) return undo.settle(attempt.read);
  undo.run();
}

namespace {

class Checking {
 public:
  Checking(const Context& context, const UndoArguments& arguments,
           Report& report, Plan& plan)
      : context_(context),
        arguments_(arguments),
        report_(report),
        plan_(plan) {}

  void previous() {
    const auto found = optional_from_json<Configuration>(arguments_.previous);
    if (!found) refuse("the server had no configuration before it");
    if (found->application != context_.application.name) {
      refuse("the server ran " + found->application +
             " before it, which it still has unchanged; build " +
             found->application + " again");
    }
    previous_ = *found;
    plan_.path = found->path;
    plan_.revision = found->revision;
    plan_.templates = found->templates;
  }

  // `status`: the guest's reply to this verb.
  void guest(const json::object& status) {
    const json::value* undo = status.if_contains("undo");
    if (!undo) {
      refuse("its berth-guest does not support undo; update berth-guest");
    }
    if (const auto* pending = if_object(status, "pending")) {
      refuse(job_text(int64_or(*pending, "job", 0)) +
             " left a switch unsettled on it; root must settle it there, see "
             "\"settle\" in berth-guest(8)");
    }
    if (!undo->is_object()) {
      refuse("the guest has no data of its last switch (it was the first one, "
             "an older berth-guest made it, or the guest was created anew)");
    }
    const json::object& kept = undo->as_object();
    if (int64_or(kept, "job", 0) != arguments_.job) {
      refuse("the last switch on it was that of " +
             job_text(int64_or(kept, "job", 0)));
    }
    plan_.current = slot_at(status, "current");
    plan_.slot = slot_at(kept, "slot");
    if (plan_.slot.empty() == arguments_.checkout) {
      refuse(arguments_.checkout
                 ? "the guest reports that the switch changed no slot"
                 : "the guest reports that the switch changed the slot");
    }
    if (!arguments_.checkout) plan_.slot = plan_.current;
    slot(status, kept);
  }

  void database(Cluster& cluster) {
    if (arguments_.database) {
      const std::string name =
          context_.application.database_on(context_.job.server);
      const auto live = cluster.database(name);
      if (!live) refuse("database " + name + " no longer exists");
      if (live->marker && live->marker->job != arguments_.job) {
        refuse("database " + name + " is that of " +
               job_text(live->marker->job));
      }
      former(cluster);
    }
    read_live(context_, cluster, plan_, report_);
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error("undo " + job_text(arguments_.job) + " on",
                context_.job.server, why);
  }

 private:
  void former(Cluster& cluster) {
    FormerWanted wanted;
    wanted.owner = context_.application.owner;
    if (previous_.database) wanted.oid = previous_.database->oid;
    wanted.at = context_.job.created_at;
    const Database former = require_former(
        cluster,
        {context_.application.name, context_.job.server, arguments_.job},
        wanted);
    plan_.copy = former.name;
    plan_.copy_oid = former.oid;
    plan_.generation = former.marker->generation;
    plan_.data_at = former.marker->data_at;
    report_.log("former database " + former.name + ", " +
                std::to_string(former.size >> 20) + " MiB");
  }

  // The slot to be served must match the history and be unchanged.
  void slot(const json::object& status, const json::object& kept) const {
    const auto* slots = if_object(status, "slots");
    const auto* marker = slots ? if_object(*slots, plan_.slot) : nullptr;
    const std::string wanted = plan_.path + "@" + plan_.revision;
    if (!marker) {
      refuse("slot " + plan_.slot + " is incomplete: a later build has begun "
             "to write to it; build " + wanted + " again");
    }
    const std::string found = string_or(*marker, "path", "") + "@" +
                              string_or(*marker, "revision", "");
    if (found != wanted) {
      refuse("slot " + plan_.slot + " now contains " + found + "; build " +
             wanted + " again");
    }
    if (arguments_.checkout && !bool_or(kept, "whole", false)) {
      refuse("slot " + plan_.slot + " has been checked out again; build " +
             wanted + " again");
    }
  }

  const Context& context_;
  const UndoArguments& arguments_;
  Report& report_;
  Plan& plan_;
  Configuration previous_;
};

}  // namespace

StepDone preflight_undo(const Context& context, const UndoArguments& arguments,
                        Guest& guest, Report& report, Plan& plan) {
  Checking checking(context, arguments, report, plan);
  checking.previous();
  require_running(context, "undo " + job_text(arguments.job) + " on");
  guest.connect(Deadline::in_s(kConnectSeconds));
  checking.guest(guest_status(guest, context.job.server,
                              {{"application", context.application.name}},
                              report, context.deadline("preflight")));
  if (context.cluster) {
    Cluster cluster(*context.cluster, context.names, context.job.id,
                    context.link);
    require_pinned(cluster, context.config);
    plan.system = cluster.system_identifier();
    checking.database(cluster);
  } else if (arguments.database) {
    checking.refuse("application " + context.application.name +
                    " has no database (berth.conf, cluster)");
  }
  return {"back to " + plan.path + "@" + plan.revision.substr(0, 12) +
              (plan.swaps() ? ", data " + plan.generation : ""),
          to_json(plan)};
}

}  // namespace berth::worker
