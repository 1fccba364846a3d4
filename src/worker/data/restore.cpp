// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/restore.hpp"

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/text.hpp"
#include "step/mask.hpp"
#include "worker/cluster/locked_database.hpp"
#include "worker/cluster/service_file.hpp"
#include "worker/data/restore_gauge.hpp"
#include "worker/data/skipped_rows.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/stream.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestDurations = 32 << 20;
constexpr std::size_t kSlowestLogged = 3;
constexpr std::int64_t kWorthLogging = 1000;  // ms
constexpr std::int64_t kLookEvery = 1000;     // ms

std::string durations_name(const ApplicationConfig& application) {
  return application.name + ".durations.json";
}

// The file is a cache: if it cannot be read, the durations are guessed.
RestoreGauge::Durations read_durations(const RestoreOrder& order) {
  RestoreGauge::Durations out;
  try {
    const Dir cache(order.cache);
    const auto text =
        cache.read(durations_name(order.application), kLargestDurations);
    if (!text) return out;
    const json::value all = parse_json(*text);
    for (const auto& [item, ms] : all.as_object()) {
      out[std::string(item)] = ms.as_int64();
    }
  } catch (const std::exception&) {
    out.clear();
  }
  return out;
}

void keep_durations(const RestoreOrder& order,
                    const RestoreGauge::Durations& took) {
  json::object out;
  for (const auto& [item, ms] : took) out[one_line(item, 500)] = ms;
  const Dir cache(order.cache);
  AtomicFile file(cache, durations_name(order.application), 0600);
  file.write(json::serialize(out));
  file.commit(AtomicFile::Sync::cached);
}

using Values = std::map<std::string, std::string>;

// The parameters of this worker's own connection, from conninfo, a service file
// or the environment, none of which pg_restore can read. The password is passed
// in the environment.
Values conninfo_of(Cluster& cluster, const RestoreOrder& order,
                   Values& environment) {
  Values values = cluster.sql().parameters();
  values["dbname"] = order.database;
  const std::string& user = order.application.restore_user;
  if (user.empty()) {
    environment["PGPASSWORD"] = cluster.sql().password();
  } else {
    values["user"] = user;
    environment["PGPASSWORD"] = password_found(values);
  }
  values.erase("passfile");
  values.erase("service");
  // It cannot read the client key in ~/.postgresql, so libpq must not try.
  values.emplace("sslcert", "/nonexistent/postgresql.crt");
  // A later worker of this job ends the remaining sessions by this name.
  values["application_name"] = cluster.own_session();
  values["connect_timeout"] = "15";
  // The commit of publish makes all of it durable.
  SessionSettings settings = {{"synchronous_commit", "off"}};
  if (cluster.sql().version() >= 140000) {
    settings.emplace_back("client_connection_check_interval", "2s");
  }
  values["options"] =
      with_settings(options_of(cluster.config().conninfo), settings);
  return values;
}

// In Berth's own words, because the error itself may quote a row.
std::string hint_in(std::string_view line) {
  static const std::pair<const char*, const char*> hints[] = {
      {"No space left on device", "; the cluster's disk is full"},
      {"permission denied to set role",
       "; the role that restores is not a member of the owner; `berthctl "
       "doctor` prints the GRANT"},
      {"password authentication failed",
       "; the password of the role that restores is wrong or missing in "
       "~berth/.pgpass"},
      {"Peer authentication failed",
       "; pg_hba.conf requires a local account of that role's name; use "
       "scram-sha-256 or a map for the role"},
      {"no pg_hba.conf entry", "; pg_hba.conf does not allow that role"},
      {"no password supplied",
       "; the password of the role that restores is not in ~berth/.pgpass"},
      {"permission denied to create extension",
       "; only a superuser may create that extension; set \"trusted = true\" "
       "in its .control file on the cluster, or leave it out of the dump"},
      {"could not read from input file", "; the dump is truncated or damaged"},
      {"unexpected end of file", "; the dump is truncated or damaged"},
      {"found unexpected block", "; the dump is truncated or damaged"},
      {"could not uncompress data", "; the dump is truncated or damaged"},
      {"could not find block ID", "; the dump is truncated or damaged"},
      {"server closed the connection", "; the cluster closed the connection"},
      {"terminating connection", "; its connection was terminated"}};
  for (const auto& [said, hint] : hints) {
    if (line.find(said) != std::string_view::npos) return hint;
  }
  return "";
}

bool is_unwanted(const DumpItem& item) {
  static const char* const fronts[] = {
      "SCHEMA - public", "COMMENT - SCHEMA public", "EXTENSION - plpgsql",
      "COMMENT - EXTENSION plpgsql"};
  if (item.class_oid == 0 && (item.type == "MATERIALIZED VIEW DATA" ||
                              item.text.starts_with("STATISTICS DATA "))) {
    return true;
  }
  return std::any_of(std::begin(fronts), std::end(fronts),
                     [&](const char* front) { return item.text == front; });
}

void tell_slowest(const RestoreGauge& gauge, Report& report) {
  std::vector<std::pair<std::int64_t, std::string>> all;
  for (const auto& [text, ms] : gauge.durations()) {
    if (ms >= kWorthLogging) all.emplace_back(ms, text);
  }
  std::sort(all.rbegin(), all.rend());
  if (all.size() > kSlowestLogged) all.resize(kSlowestLogged);
  for (const auto& [ms, text] : all) {
    report.log(text + " took " + std::to_string(ms) + " ms");
  }
}

std::vector<std::string> command(const RestoreOrder& order,
                                 const std::string& list,
                                 const std::vector<std::string>& sections) {
  const bool parallel = order.dump.format != DumpFormat::tar;
  std::vector<std::string> out = {
          "pg_restore", "--verbose", "--exit-on-error", "--no-owner",
          "--no-privileges", "--no-tablespaces", "--no-publications",
          "--no-subscriptions", "--role=" + order.application.owner,
          "--jobs=" + std::to_string(
                          parallel ? order.application.restore_jobs : 1),
          "--use-list=" + list,
          "--dbname=" + ServiceFile::conninfo()};
  out.insert(out.end(), sections.begin(), sections.end());
  out.insert(out.end(), {"--", order.dump.path});
  return out;
}

// The file from which pg_restore reads its list; removed by the destructor.
class ListFile {
 public:
  ListFile(const std::string& cache, const std::string& name,
           const std::vector<DumpItem>& items)
      : cache_(cache), name_(name) {
    std::string text;
    for (const DumpItem& item : items) text += item.line + "\n";
    AtomicFile file(cache_, name_, 0600);
    file.write(text);
    file.commit(AtomicFile::Sync::cached);
  }
  ListFile(const ListFile&) = delete;
  ListFile& operator=(const ListFile&) = delete;
  ~ListFile() {
    try {
      cache_.unlink(name_);
    } catch (const Error&) {
      // The application's next list replaces it.
    }
  }
  std::string path() const { return cache_.path_of(name_); }

 private:
  Dir cache_;
  std::string name_;
};

}  // namespace

std::vector<DumpItem> chosen_items(const std::vector<DumpItem>& all,
                                   const std::vector<std::string>& skip_data) {
  const SkippedRows skipped(all, skip_data);
  std::vector<DumpItem> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const DumpItem& item) {
                 return !is_unwanted(item) && !skipped.has(item);
               });
  return out;
}

std::vector<std::pair<std::string, std::string>> filled_views(
    const std::vector<DumpItem>& all,
    const std::vector<std::string>& skip_data) {
  const SkippedRows skipped(all, skip_data);
  std::vector<std::pair<std::string, std::string>> out;
  for (const DumpItem& item : all) {
    if (item.type == "MATERIALIZED VIEW DATA" && !skipped.has(item)) {
      out.emplace_back(item.schema, item.name);
    }
  }
  return out;
}

void restore_dump(Cluster& cluster, const RestoreOrder& order, Report& report,
                  PrivateLog& in_full, Deadline deadline) {
  const auto items =
      chosen_items(order.dump.items, order.application.skip_data);
  report.log("restoring " + std::to_string(items.size()) + " of " +
             std::to_string(order.dump.items.size()) + " items");
  const ListFile list(order.cache, order.application.name + ".list", items);
  RestoreGauge gauge(items, read_durations(order));
  std::string at, hint;
  Values environment = {{"LC_ALL", "C"},
                        {"PGSERVICEFILE", ServiceFile::path()}};
  const Values conninfo = conninfo_of(cluster, order, environment);
  const ServiceFile service(conninfo);
  Deadline look = Deadline::in_ms(kLookEvery);
  const auto run = [&](const std::vector<std::string>& sections) {
    const ExitStatus status = run_streamed(
        command(order, list.path(), sections),
        environment_with(environment),
        confined_pg_restore(order.dump.path, list.path(), conninfo),
        cluster.link(), deadline,
        [&](bool, std::string_view line) {
          if (gauge.take(line, monotonic_ms())) {
            return report.progress(gauge.progress(monotonic_ms()));
          }
          in_full.write("restore", line);
          if (at.empty()) at = gauge.item_in_error(line);
          if (hint.empty()) hint = hint_in(line);
        },
        [&] {
          report.progress(gauge.progress(monotonic_ms()));
          if (!look.passed()) return;
          // pg_restore opens its own connections, one for each of its jobs.
          end_who_locks(cluster.sql(), order.database, conninfo.at("user"));
          look = Deadline::in_ms(kLookEvery);
        },
        {{ServiceFile::kNumber, service.fd()}});
    if (!status.ok()) {
      throw Error("restore", at.empty() ? order.dump.path : at,
                  "pg_restore ended with " + status.text() + hint +
                      "; its output is in " + in_full.name());
    }
  };
  run({"--section=pre-data"});
  if (order.before_rows) order.before_rows();
  run({"--section=data", "--section=post-data"});
  gauge.end(monotonic_ms());
  tell_slowest(gauge, report);
  keep_durations(order, gauge.durations());
}

}  // namespace berth::worker
