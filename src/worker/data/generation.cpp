// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/generation.hpp"

#include <algorithm>

#include "worker/cluster/cutter.hpp"
#include "worker/cluster/transaction.hpp"
#include "worker/cluster/trash.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kCreate = 300;  // seconds: two checkpoints

std::string create_statement(Cluster& cluster, const std::string& name,
                             const DumpLocale& locale, bool with_locale) {
  const auto literal = [&](const std::string& text) {
    return cluster.sql().literal(text);
  };
  std::string out = "CREATE DATABASE " + cluster.quoted(name) +
                    " TEMPLATE template0 ALLOW_CONNECTIONS false";
  if (!locale.encoding.empty()) out += " ENCODING " + literal(locale.encoding);
  if (!with_locale) return out;
  const auto add = [&](const char* word, const std::string& value) {
    if (!value.empty()) out += std::string(word) + literal(value);
  };
  if (cluster.sql().version() >= 150000 && locale.provider == "icu") {
    out += " LOCALE_PROVIDER icu";
    add(" ICU_LOCALE ", locale.icu);
  }
  if (cluster.sql().version() >= 130000) add(" LOCALE ", locale.locale);
  add(" LC_COLLATE ", locale.collate);
  add(" LC_CTYPE ", locale.ctype);
  return out;
}

void create(Cluster& cluster, const std::string& name,
            const DumpLocale& locale, Report& report) {
  Connection& sql = cluster.sql();
  const Deadline deadline = Deadline::in_s(kCreate);
  try {
    sql.run(create_statement(cluster, name, locale, true), deadline);
  } catch (const SqlError& e) {
    // A missing locale, or a provider that this server was built without.
    if (e.sqlstate() != "42809" && e.sqlstate() != "22023" &&
        e.sqlstate() != "0A000") {
      throw;
    }
    report.log("the cluster does not have the dump's locale, and uses its "
               "own: " + e.cause());
    sql.run(create_statement(cluster, name, {locale.encoding, {}, {}, {}, {},
                                             {}}, false), deadline);
  }
}

Connection inside(Cluster& cluster, const std::string& database) {
  return Connection("database " + database, cluster.config(),
                    cluster.own_session(), cluster.link(), database);
}

// berth_SITE8_b_APP_ and fourteen digits, which is no name of another
// application.
bool is_base_name(const Cluster& cluster, const std::string& application,
                  const std::string& name) {
  return parse_generation(name.size() < 14 ? "" : name.substr(
                              name.size() - 14)) &&
         name == cluster.names().base(application,
                                      name.substr(name.size() - 14));
}

}  // namespace

std::string next_generation(Cluster& cluster, const std::string& application) {
  std::string newest;
  for (const Database& d : cluster.databases()) {
    if (!is_base_name(cluster, application, d.name)) continue;
    newest = std::max(newest, d.name.substr(d.name.size() - 14));
  }
  const Instant last = parse_generation(newest).value_or(0);
  return generation_name(std::max<Instant>(wall_now(), last + 1));
}

Database create_loading(Cluster& cluster, const DatabaseMarker& marker,
                        const DumpLocale& locale, Report& report) {
  const std::string name =
      cluster.names().base(marker.application, marker.generation);
  cluster.lock(name, Deadline::in_s(10));
  create(cluster, name, locale, report);
  cluster.comment(name, marker);
  cluster.sql().run("REVOKE ALL ON DATABASE " + cluster.quoted(name) +
                    " FROM PUBLIC");
  cluster.allow_connections(name, true);
  auto made = cluster.database(name);
  if (!made || !cluster.is_base(*made) || *made->marker != marker) {
    throw Error("create", name, "it is missing or has changed since");
  }
  return std::move(*made);
}

void let_fill(Cluster& cluster, const std::string& database,
              const ApplicationConfig& application) {
  const std::string& owner = application.owner;
  if (!application.restore_user.empty()) {
    cluster.sql().run("GRANT CONNECT ON DATABASE " + cluster.quoted(database) +
                      " TO " + cluster.quoted(application.restore_user));
  }
  cluster.sql().run("GRANT CREATE, TEMPORARY ON DATABASE " +
                    cluster.quoted(database) + " TO " + cluster.quoted(owner));
  inside(cluster, database).run("GRANT USAGE, CREATE ON SCHEMA public TO " +
                                cluster.quoted(owner));
}

void take_back(Cluster& cluster, const std::string& database,
               const ApplicationConfig& application) {
  const std::string& owner = application.owner;
  Connection sql = inside(cluster, database);
  // A script may have dropped the schema, or changed its owner on purpose.
  const Rows ours = sql.query(
      "SELECT 1 FROM pg_namespace WHERE nspname = 'public' "
      "AND pg_has_role(nspowner, 'USAGE') "
      "AND NOT pg_has_role($1::name, nspowner, 'USAGE')", {owner});
  if (!ours.empty()) {
    sql.run("REVOKE USAGE, CREATE ON SCHEMA public FROM " +
            cluster.quoted(owner));
  }
  for (const std::string& role : {owner, application.restore_user}) {
    if (role.empty()) continue;
    cluster.sql().run("REVOKE ALL ON DATABASE " + cluster.quoted(database) +
                      " FROM " + cluster.quoted(role));
  }
}

void discard_loading(Cluster& cluster, const std::string& database,
                     std::int64_t job, Report& report) {
  const auto found = cluster.database(database);
  if (!found) return;
  // A ready generation is in use and is never dropped here.
  if (found->marker && found->marker->state != "loading") return;
  try {
    drop_trash(cluster, to_trash(cluster, *found, job, Discard::base));
    report.log("dropped " + database + ", which was incomplete");
  } catch (const SqlError& e) {
    report.log("tidy will remove it: " + std::string(e.what()));
  } catch (const Away&) {
    throw;
  } catch (const Error& e) {
    report.log("tidy will remove it: " + std::string(e.what()));
  }
}

void discard_left_over(Cluster& cluster, const std::string& application,
                       std::int64_t job, Report& report) {
  for (const Database& d : cluster.databases()) {
    if (!is_base_name(cluster, application, d.name)) continue;
    const bool unfinished =
        d.marker ? cluster.is_base(d) && d.marker->state == "loading"
                 : d.comment.empty() && !d.published();
    if (!unfinished || d.owner != cluster.role()) continue;
    if (!cluster.try_lock(d.name)) continue;
    discard_loading(cluster, d.name, job, report);
    cluster.unlock(d.name);
  }
}

void publish_base(Cluster& cluster, const Database& d, const std::string& name,
                  const DatabaseMarker& marker) {
  Connection& sql = cluster.sql();
  in_transaction(sql, [&] {
    sql.run("SET LOCAL lock_timeout = '3s'");
    if (name != d.name) {
      run_cutting(cluster, d.oid,
                  "ALTER DATABASE " + cluster.quoted(d.name) + " RENAME TO " +
                      cluster.quoted(name));
    }
    sql.run("ALTER DATABASE " + cluster.quoted(name) +
            " WITH ALLOW_CONNECTIONS false IS_TEMPLATE false "
            "CONNECTION LIMIT 0");
    // Checked while this transaction holds the database's lock.
    const auto found = cluster.database(name);
    if (!found || found->oid != d.oid) {
      throw Error("publish", "database " + d.name,
                  "another database has this name now");
    }
    cluster.comment(name, marker);
    // Immutable from now on, also for the former owner, whose password is on
    // every guest.
    sql.run("ALTER DATABASE " + cluster.quoted(name) +
            " OWNER TO CURRENT_USER");
    return true;
  });
}

std::optional<Database> published_by(Cluster& cluster, std::int64_t job) {
  for (const Database& d : cluster.databases()) {
    if (cluster.is_base(d) && d.marker->state == "ready" &&
        d.marker->job == job) {
      return d;
    }
  }
  return std::nullopt;
}

}  // namespace berth::worker
