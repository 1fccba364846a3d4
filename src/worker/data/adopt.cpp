// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/adopt.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "step/mask.hpp"
#include "worker/cluster/pinned.hpp"
#include "worker/cluster/properties.hpp"
#include "worker/cluster/transaction.hpp"
#include "worker/job/act.hpp"

namespace berth::worker {
namespace {

JobResult succeeded(const std::string& detail, bool committed) {
  return {.outcome = Outcome::succeeded, .detail = detail,
          .committed = committed};
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
    return arguments_.oid ? take(cluster, seen.database)
                          : reported(seen.database);
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

  JobResult reported(const Database& d) {
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

namespace {

constexpr std::size_t kShownSettings = 200;

std::string counted(std::size_t n, const std::string& what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

void show_place(Cluster& cluster, Adoptable& out) {
  const Database& d = out.database;
  const Row row = cluster.sql().query(
      "SELECT t.spcname, pg_encoding_to_char(d.encoding), d.datcollate, "
      "t.oid = (SELECT dattablespace FROM pg_database "
      "WHERE datname = 'template0') "
      "FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace "
      "WHERE d.oid = $1", {std::to_string(d.oid)}).at(0);
  out.shown.push_back("OID " + std::to_string(d.oid) + ", owner " + d.owner +
                      ", " + std::to_string(d.size >> 20) + " MiB");
  out.shown.push_back(
      "encoding " + row[1].value_or("") + ", collation " +
      row[2].value_or("") +
      (d.collation_differs ? "; the system's collations have changed since "
                             "its indexes were created: REINDEX it"
                           : ""));
  if (row[3] != Cell("t")) {
    out.shown.push_back("tablespace " + row[0].value_or("") +
                        ": not taken over, its replacement is in the "
                        "tablespace of its base");
  }
}

void show_sessions(Cluster& cluster, Adoptable& out) {
  const auto sessions = cluster.sessions(out.database.name);
  out.shown.push_back(counted(sessions.size(), "session") +
                      ", which are not ended until a build replaces it");
  for (const Session& session : sessions) {
    out.shown.push_back("session: " + session.text);
  }
}

void show_properties(Cluster& cluster, Adoptable& out) {
  const Database& d = out.database;
  const std::string taken = "taken over by every build: ";
  const auto heading = [&](const std::string& why) {
    return why.empty() ? taken : "not taken over, " + why + ": ";
  };
  if (d.connection_limit >= 0) {
    out.shown.push_back(heading(what_it_breaks(d.connection_limit)) +
                        "CONNECTION LIMIT " +
                        std::to_string(d.connection_limit));
  }
  std::size_t shown = 0;
  for (const Row& row : cluster.sql().query(
           "SELECT CASE WHEN setrole <> 0 THEN 'for role ' || "
           "pg_get_userbyid(setrole) || ' ' ELSE '' END, c "
           "FROM pg_db_role_setting, unnest(setconfig) c "
           "WHERE setdatabase = $1 ORDER BY 1, 2 LIMIT " +
               std::to_string(kShownSettings + 1),
           {std::to_string(d.oid)})) {
    if (++shown > kShownSettings) {
      out.shown.push_back("more settings exist; only " +
                          std::to_string(kShownSettings) + " are shown");
      break;
    }
    // Only the name, because a value can be from a row (properties.hpp).
    const auto [name, value] = name_and_value(row[1].value_or(""));
    out.shown.push_back(heading(what_it_breaks(name, value)) + "SET " +
                        row[0].value_or("") + one_line(name, 80));
  }
  const Row grants = cluster.sql().query(
      "SELECT datacl::text FROM pg_database WHERE oid = $1",
      {std::to_string(d.oid)}).at(0);
  if (grants[0]) {
    out.shown.push_back(taken + "grants " + one_line(*grants[0], 400));
  }
  if (!d.comment.empty()) {
    out.shown.push_back("its comment will be replaced by Berth's marker; save "
                        "its text first (psql's \\l+ shows it)");
  }
}

void find_refusals(Cluster& cluster, const ApplicationConfig& application,
                   const std::string& server, Adoptable& out) {
  const Database& d = out.database;
  auto& no = out.refused;
  if (!application.allowed_on(server)) {
    no.push_back("application " + application.name +
                 " is not allowed on " + server + " (berth.conf, servers)");
  }
  if (auto marked = marked_already(d); !marked.empty()) {
    no.push_back(std::move(marked));
  }
  if (cluster.names().kind_of(d.name) != 0 || d.name == "postgres" ||
      d.name.starts_with("template")) {
    no.push_back("its name is not that of a server's database");
  }
  if (d.owner != application.owner) {
    no.push_back("it is owned by " + d.owner + ", not by " + application.owner +
                 " as set in berth.conf; as a superuser: ALTER DATABASE " +
                 cluster.quoted(d.name) + " OWNER TO " +
                 cluster.quoted(application.owner));
  }
  // berth should not become a member of any other owner's role.
  if (!d.ours_to_alter && d.owner == application.owner) {
    no.push_back(cluster.role() + " is not a member of " + d.owner +
                 "; as a superuser: GRANT " + cluster.quoted(d.owner) +
                 " TO " + cluster.quoted(cluster.role()));
  }
  if (d.is_template) no.push_back("it is a template");
  if (d.connection_limit == -2) {
    no.push_back("it is invalid: a drop of it was interrupted; drop it again");
  } else if (!d.allow_connections) {
    no.push_back("it accepts no connections (ALLOW_CONNECTIONS is false)");
  }
  if (cluster.sql().query("SELECT current_database()::text").at(0).at(0) ==
      Cell(d.name)) {
    no.push_back("Berth's conninfo names it; give Berth a database of its own");
  }
  for (auto& stays : lasting(cluster.link(), [&] {
         return cluster.obstacles(d.name);
       })) {
    no.push_back(std::move(stays.text));
  }
}

}  // namespace

std::optional<Adoptable> look_before_adopting(
    Cluster& cluster, const ApplicationConfig& application,
    const std::string& server) {
  auto found = cluster.database(application.database_on(server));
  if (!found) return std::nullopt;
  Adoptable out;
  out.database = std::move(*found);
  show_place(cluster, out);
  show_sessions(cluster, out);
  show_properties(cluster, out);
  find_refusals(cluster, application, server, out);
  return out;
}

void adopt(Cluster& cluster, const Database& seen,
           const std::string& application, const std::string& server,
           std::int64_t job) {
  DatabaseMarker marker;
  marker.site = cluster.names().site();
  marker.kind = "live";
  marker.state = "ready";
  marker.application = application;
  marker.server = server;
  marker.job = job;
  in_transaction(cluster.sql(), [&] {
    // This locks the database against a rename, so that the check below holds.
    cluster.comment(seen.name, marker);
    const auto now = cluster.database(seen.name);
    if (!now || now->oid != seen.oid || now->owner != seen.owner) {
      throw Error("adopt", seen.name, "another database has this name now");
    }
    return true;
  });
}

}  // namespace berth::worker
