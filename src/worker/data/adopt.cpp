// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/adopt.hpp"

#include "base/text.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/job/act.hpp"

namespace berth::worker {
namespace {

JobResult succeeded(const std::string& detail, bool committed) {
  JobResult out;
  out.outcome = Outcome::succeeded;
  out.committed = committed;
  out.detail = detail;
  return out;
}

class Adopting {
 public:
  Adopting(const Context& context, Journal& journal, Act& act)
      : context_(context),
        journal_(journal),
        act_(act),
        arguments_(arguments_from<AdoptArguments>(context.job.arguments)),
        name_(context.application.database_on(context.job.server)) {}

  JobResult run() {
    journal_.begin("adopt");
    if (!context_.cluster) {
      refuse("the application has no cluster in berth.conf");
    }
    // An earlier worker of this job may have committed.
    act_.commit_in_flight = act_.resumed && arguments_.oid.has_value();
    Cluster cluster(*context_.cluster, context_.names, context_.job.id,
                    context_.link);
    require_pinned(cluster, context_.config);
    cluster.end_earlier_sessions();
    const auto before = cluster.database(name_);
    act_.commit_in_flight = false;
    if (act_.resumed && before && cluster.is_marked(*before, "live") &&
        before->marker->job == context_.job.id) {
      return done();
    }
    if (context_.job.cancel) throw Interrupted{Interrupted::Why::cancel};
    const Adoptable seen = look(cluster);
    return arguments_.oid ? take(cluster, seen.database) : told(seen.database);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw Error("adopt", "database " + name_, why);
  }

  Adoptable look(Cluster& cluster) {
    cluster.lock(name_, Deadline::in_s(10));
    auto found = look_before_adopting(cluster, context_.application,
                                      context_.job.server);
    if (!found) refuse("cluster " + cluster.config().name + " has none");
    for (const auto& text : found->shown) journal_.log(text);
    if (!found->refused.empty()) refuse(join(found->refused, "; "));
    if (arguments_.oid && *arguments_.oid != found->database.oid) {
      refuse("its OID is " + std::to_string(found->database.oid) + ", not " +
             std::to_string(*arguments_.oid) +
             " as shown before: it is a different database now");
    }
    return std::move(*found);
  }

  JobResult told(const Database& d) {
    const std::string detail =
        d.name + " has OID " + std::to_string(d.oid) + ", is owned by " +
        d.owner + " and has " + std::to_string(d.size >> 20) +
        " MiB; it can be adopted";
    journal_.end("adopt", "done", detail,
                 {{"database", d.name}, {"oid", d.oid}, {"owner", d.owner},
                  {"size", d.size}});
    return succeeded(detail, false);
  }

  JobResult take(Cluster& cluster, const Database& d) {
    cluster.link().check();
    if (!cluster.link().ask("commit")) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    cluster.link().shield();
    act_.commit_in_flight = true;
    adopt(cluster, d, context_.application.name, context_.job.server,
          context_.job.id);
    return done();
  }

  JobResult done() {
    context_.link.shield();
    const std::string detail = name_ + " is now the database of " +
                               context_.application.name + " on " +
                               context_.job.server +
                               ", with data of unknown date";
    journal_.end("adopt", "done", detail);
    return succeeded(detail, true);
  }

  const Context& context_;
  Journal& journal_;
  Act& act_;
  const AdoptArguments arguments_;
  const std::string name_;
};

}  // namespace

void adopt_job(const Context& context, Journal& journal,
               const Attempt& attempt) {
  run_act(context, journal, attempt.resumed, [&](Act& act) {
    return Adopting(context, journal, act).run();
  });
}

}  // namespace berth::worker
