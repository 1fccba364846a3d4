// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/machine/snapshot.hpp"

#include <algorithm>

#include "model/configuration.hpp"
#include "model/snapshot.hpp"
#include "store/history.hpp"
#include "store/sequence.hpp"
#include "worker/job/act.hpp"
#include "worker/machine/on_host.hpp"

namespace berth::worker {
namespace {

std::string site_of(const Context& context) {
  return site_uuid(Dir(context.layout.lib), false);
}

std::string carried_text(const Configuration& c) {
  return c.application + " " + c.path + "@" + c.revision.substr(0, 12) +
         " of " + job_text(c.job);
}

Reverted reverted(const Context& context, const Snapshot& snapshot) {
  Reverted out;
  out.snapshot = snapshot.name;
  out.detail = "reverted to snapshot " + snapshot.name + " of " +
               rfc3339(snapshot.created);
  const auto& mark = snapshot.mark;
  if (!mark || mark->site != site_of(context) ||
      mark->server != context.job.server) {
    out.detail += ", which this console did not take: its configuration is "
                  "unknown";
    return out;
  }
  const Dir history(context.layout.history);
  auto was = configuration_at(history, context.job.server, mark->seq);
  if (!was) {
    out.detail += ", when the server had no build";
    return out;
  }
  out.detail += ": " + carried_text(*was);
  const auto now = configuration_at(history, context.job.server);
  if (was->database) {
    const bool same = now && now->database &&
                      now->database->cluster == was->database->cluster &&
                      now->database->name == was->database->name;
    if (same) was->database = now->database;
    out.detail += "; database " + was->database->name +
                  " was not reverted and is unchanged" +
                  (same && !was->database->generation.empty()
                       ? ", data " + was->database->generation
                       : "");
  }
  out.configuration = to_json(*was);
  return out;
}

bool has_snapshot(const DomainState& domain, const std::string& name) {
  return std::any_of(domain.snapshots.begin(), domain.snapshots.end(),
                     [&](const Snapshot& s) { return s.name == name; });
}

// Runs the step on the host, and waits until its result is published.
StepDone on_host(const Context& context, Journal& journal, int lock_fd,
                 json::object arguments, const std::string& in, bool& begun) {
  const HostConfig& host = host_of(context);
  const std::string action(arguments.at("action").as_string());
  const std::string name(arguments.at("name").as_string());
  arguments["server"] = context.job.server;
  arguments["job"] = context.job.id;
  arguments["site"] = site_of(context);
  const StepDone done =
      run_on_host(context, journal, lock_fd,
                  {host, "snapshot", std::move(arguments),
                   host.seconds_for("snapshot"), in},
                  begun);
  await_seen(context, host, [&](const DomainState& domain) {
    const auto& all = domain.snapshots;
    if (action == "take") return has_snapshot(domain, name);
    if (action == "delete") return !has_snapshot(domain, name);
    return std::any_of(all.begin(), all.end(), [&](const Snapshot& s) {
      return s.name == name && s.current;
    });
  });
  return done;
}

Reverted go_back(const Context& context, Journal& journal, int lock_fd,
                 const RevertWanted& wanted, bool& begun) {
  const StepDone done = on_host(context, journal, lock_fd,
                                {{"action", "revert"},
                                 {"name", wanted.snapshot},
                                 {"running", wanted.running},
                                 {"told", begun},
                                 {"commit", wanted.commit}},
                                wanted.in, begun);
  journal.log_for(wanted.in, done.message);
  return reverted(context,
                  from_json<Snapshot>(done.note.as_object().at("snapshot")));
}

class SnapshotJob {
 public:
  SnapshotJob(const Context& context, Journal& journal, int lock_fd, bool begun)
      : context_(context),
        journal_(journal),
        lock_fd_(lock_fd),
        begun_(begun),
        asked_(arguments_from<SnapshotArguments>(context.job.arguments)) {}

  JobResult work(bool resumed) {
    journal_.begin("snapshot");
    if (resumed && !begun_ && context_.job.cancel) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    // After the commit the job runs to its end and cannot be interrupted.
    const bool commit = !begun_;
    if (begun_) context_.link.shield();
    try {
      return asked_.action == "revert" ? revert(commit) : change(commit);
    } catch (const Away& e) {
      // After a revert it must be known which configuration the server has.
      if (!begun_ || asked_.action != "revert") throw unknown(e);
      throw Unsettled(e.action(), e.subject(), e.what());
    }
  }

 private:
  Error unknown(const Away& e) const {
    return Error(asked_.action + " snapshot " + asked_.name + " of",
                 context_.job.server,
                 std::string(e.what()) +
                     (begun_ ? "; the result is unknown, check the server's "
                              "snapshots"
                            : "; nothing was changed"));
  }

  JobResult revert(bool commit) {
    JobResult out{.outcome = Outcome::succeeded, .committed = true};
    out.reverted = go_back(context_, journal_, lock_fd_,
                           {asked_.name, "snapshot", false, commit}, begun_);
    out.detail = out.reverted->detail;
    journal_.end("snapshot", "done", out.detail);
    return out;
  }

  JobResult change(bool commit) {
    JobResult out{.outcome = Outcome::succeeded, .committed = true};
    out.detail = on_host(context_, journal_, lock_fd_,
                         {{"action", asked_.action},
                          {"name", asked_.name},
                          {"note", asked_.note},
                          {"seq", asked_.seq},
                          {"told", begun_},
                          {"commit", commit}},
                         "snapshot", begun_)
                     .message;
    journal_.end("snapshot", "done", out.detail);
    return out;
  }

  const Context& context_;
  Journal& journal_;
  int lock_fd_;
  bool begun_;
  SnapshotArguments asked_;
};

}  // namespace

Reverted revert_to(const Context& context, Journal& journal, int lock_fd,
                   const RevertWanted& wanted) {
  bool begun = false;
  return go_back(context, journal, lock_fd, wanted, begun);
}

void snapshot_job(const Context& context, Journal& journal,
                  const Attempt& attempt) {
  run_act(context, journal, attempt.resumed, [&](Act&) {
    return SnapshotJob(context, journal, attempt.lock_fd, attempt.read.begun)
        .work(attempt.resumed);
  });
}

}  // namespace berth::worker
