// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/publish.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/vacuum.hpp"
#include "worker/data/generation.hpp"
#include "worker/job/act.hpp"

namespace berth::worker {
namespace {

[[noreturn]] void refuse_publish(const std::string& database,
                                 const std::string& why) {
  throw Error("publish", "database " + database, why);
}

void require_free(const Cluster& cluster, const Config& config,
                  const ApplicationConfig& application, const Database& d) {
  if (const auto marked = marked_already(d); !marked.empty()) {
    refuse_publish(d.name, marked);
  }
  if (cluster.names().kind_of(d.name) != 0) {
    refuse_publish(d.name, "its name is reserved for Berth");
  }
  if (d.is_template) refuse_publish(d.name, "it is a template");
  if (d.connection_limit == -2)
    refuse_publish(d.name, "it is invalid; drop it");
  if (d.owner != application.owner) {
    refuse_publish(d.name, "it is owned by " + d.owner + ", not by " +
                               application.owner + " as set in berth.conf");
  }
  for (const auto& [name, other] : config.applications) {
    // Whether the pattern matches for some server: shop_{server} for shop_qa1.
    const std::string& pattern = other.database;
    const auto cut = pattern.find("{server}");
    if (pattern.empty() || cut == std::string::npos) continue;
    const std::string head = pattern.substr(0, cut);
    const std::string tail = pattern.substr(cut + 8);
    if (d.name.size() <= head.size() + tail.size() ||
        !d.name.starts_with(head) || !d.name.ends_with(tail)) {
      continue;
    }
    std::string server = d.name.substr(
        head.size(), d.name.size() - head.size() - tail.size());
    std::replace(server.begin(), server.end(), '_', '-');
    const bool is_one = std::any_of(
        config.hosts.begin(), config.hosts.end(), [&](const auto& host) {
          return std::any_of(host.second.servers.begin(),
                             host.second.servers.end(),
                             [&](const std::string& glob) {
                               return glob_match(glob, server);
                             });
        });
    if (is_one) {
      refuse_publish(d.name, "it is the database of " + name + " on " + server +
                                 " (berth.conf, database)");
    }
  }
}

}  // namespace

std::string publish(Cluster& cluster, const Config& config,
                    const ApplicationConfig& application,
                    const std::string& database,
                    std::optional<Instant> data_at, std::int64_t job,
                    Report& report, PrivateLog& in_full, Deadline deadline) {
  cluster.lock(database, Deadline::in_s(10));
  const auto found = cluster.database(database);
  if (!found) {
    refuse_publish(database, "cluster " + cluster.config().name + " has none");
  }
  require_free(cluster, config, application, *found);
  const auto stays = lasting(cluster.link(), [&] {
    auto out = connected(cluster.sessions(database));
    for (Obstacle& o : cluster.obstacles(database)) {
      out.push_back(std::move(o));
    }
    return out;
  });
  if (!stays.empty()) refuse_publish(database, sentence_of(stays));
  try {
    vacuum(cluster, database, report, in_full, deadline);
  } catch (const Error& e) {
    report.log(std::string("not vacuumed: ") + e.what());
  }
  DatabaseMarker marker;
  marker.site = cluster.names().site();
  marker.kind = "base";
  marker.state = "ready";
  marker.application = application.name;
  marker.generation = next_generation(cluster, application.name);
  marker.job = job;
  marker.data_at = data_at;
  const std::string name =
      cluster.names().base(application.name, marker.generation);
  // The commit point: a cancel or a stop during COMMIT would leave a base that
  // no job reports.
  cluster.link().check();
  if (!cluster.link().ask("commit")) {
    throw Interrupted{Interrupted::Why::cancel};
  }
  cluster.link().shield();
  publish_base(cluster, *found, name, marker);
  report.log("renamed database " + database + " to " + name +
             "; it accepts no connections now");
  return name;
}

void publish_job(const Context& context, Journal& journal,
                 const Attempt& attempt) {
  const auto arguments =
      arguments_from<PublishArguments>(context.job.arguments);
  run_act(context, journal, attempt.resumed, [&](Act& act) {
    journal.begin("publish");
    if (!context.cluster) {
      throw Error("publish for", context.application.name,
                  "it has no cluster in berth.conf");
    }
    // An earlier worker of this job may have committed.
    act.commit_in_flight = act.resumed;
    Cluster cluster(*context.cluster, context.names, context.job.id,
                    context.link);
    require_pinned(cluster, context.config);
    cluster.end_earlier_sessions();
    const auto before = published_by(cluster, context.job.id);
    // A restarted worker is not notified of an earlier cancel.
    if (!before && context.job.cancel) {
      throw Interrupted{Interrupted::Why::cancel};
    }
    act.commit_in_flight = true;
    PrivateLog in_full(context.layout.log, context.job.id);
    const std::string name =
        before ? before->name
               : publish(cluster, context.config, context.application,
                         arguments.database, arguments.data_at,
                         context.job.id, journal, in_full,
                         context.deadline("publish"));
    context.link.shield();
    journal.end("publish", "done", name);
    JobResult result{
        .outcome = Outcome::succeeded,
        .detail = arguments.database + " is now the base " + name,
        .committed = true};
    if (const auto base = cluster.database(name); base && base->marker) {
      result.base = MadeBase{base->marker->generation, name,
                             base->marker->data_at, base->size};
    }
    return result;
  });
}

}  // namespace berth::worker
