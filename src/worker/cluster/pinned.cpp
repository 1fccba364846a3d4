// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/pinned.hpp"

#include "base/atomic_file.hpp"
#include "base/text.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestPin = 256;

Pinned read_line(const std::string& text, const std::string& path) {
  const std::string line = text.substr(0, text.find('\n'));
  const std::size_t space = line.find(' ');
  Pinned out{line.substr(0, space), ""};
  if (space != std::string::npos) out.database = line.substr(space + 1);
  if (out.system.empty() ||
      out.system.find_first_not_of("0123456789") != std::string::npos ||
      (space != std::string::npos && out.database.empty()) ||
      has_control_characters(out.database)) {
    throw Error("read", path, "it does not contain a system identifier");
  }
  return out;
}

void write(const Layout& layout, const std::string& cluster,
           const Pinned& found, AtomicFile::Collision collision) {
  Dir(layout.lib).make("clusters", 0700);
  const Dir folder(layout.clusters);
  AtomicFile file(folder, cluster, 0600);
  file.write(found.system + " " + found.database + "\n");
  file.commit(AtomicFile::Sync::durable, collision);
}

std::string start_of(Connection& sql) {
  return sql.query("SELECT (pg_postmaster_start_time() AT TIME ZONE 'UTC')"
                   "::text").at(0).at(0).value_or("");
}

// A server that was made by copying a data directory has the identifier of the
// original, but no two servers start in the same microsecond.
bool is_another_server(Cluster& cluster, const ClusterConfig& section) {
  Connection there("cluster " + section.name, section, cluster.own_session(),
                   cluster.link());
  // Twice: it may be restarted between the two questions.
  const std::string before = start_of(cluster.sql());
  const std::string start = start_of(there);
  return start != before && start != start_of(cluster.sql());
}

}  // namespace

std::optional<Pinned> pinned_cluster(const Layout& layout,
                                     const std::string& cluster) {
  const Dir lib(layout.lib);
  if (!lib.exists("clusters")) return std::nullopt;
  const Dir folder(layout.clusters);
  const auto text = folder.read(cluster, kLargestPin);
  if (!text) return std::nullopt;
  return read_line(*text, folder.path_of(cluster));
}

std::string refuse_pinned(const Pinned& pinned, const Pinned& found,
                          const std::string& file) {
  if (pinned.system != found.system) {
    return "it is another PostgreSQL server (system identifier " +
           found.system + ") than the one used so far (" + pinned.system +
           "); if that is intended, remove " + file +
           ", otherwise fix conninfo";
  }
  if (!pinned.database.empty() && pinned.database != found.database) {
    return "conninfo leads to database " + found.database +
           " instead of " + pinned.database + ", which has held the locks so "
           "far; jobs that use it would not be noticed. Fix conninfo (dbname=" +
           pinned.database + "), or remove " + file + " when no job of this "
           "console works on the cluster (berthctl drain, berthctl status)";
  }
  return "";
}

Pinned found_at(Cluster& cluster) {
  return {cluster.system_identifier(),
          cluster.sql().query("SELECT current_database()::text")
              .at(0).at(0).value_or("")};
}

std::string refuse_second_section(Cluster& cluster, const Config& config) {
  const Layout layout(config.paths);
  const std::string& name = cluster.config().name;
  const std::string system = cluster.system_identifier();
  for (const auto& [other, section] : config.clusters) {
    if (other == name) continue;
    const auto pinned = pinned_cluster(layout, other);
    if (!pinned || pinned->system != system) continue;
    const std::string both =
        "[cluster." + name + "] and [cluster." + other + "] ";
    try {
      if (is_another_server(cluster, section)) continue;
    } catch (const Error& e) {
      return both + "have the same system identifier (" + system + "), and "
             "whether they are the same PostgreSQL server is not known: " +
             e.what();
    }
    return both + "are the same PostgreSQL server (system identifier " +
           system + ", " + layout.clusters + "/" + other + "), and each would "
           "take the other's databases for orphans; remove one of the two "
           "sections and name the other as the `cluster` of its applications, "
           "or correct the conninfo that is wrong and remove that section's "
           "file in " + layout.clusters + " if there is one";
  }
  return "";
}

void require_pinned(Cluster& cluster, const Config& config) {
  const Layout layout(config.paths);
  const std::string& name = cluster.config().name;
  const auto require = [&](const std::string& why) {
    if (!why.empty()) throw Error("work on", "cluster " + name, why);
  };
  const Pinned found = found_at(cluster);
  auto pinned = pinned_cluster(layout, name);
  if (!pinned) {
    // Before a file is made: the section that was there first is kept.
    require(refuse_second_section(cluster, config));
    // If two write it at the same time, the first one counts.
    write(layout, name, found, AtomicFile::Collision::keep);
    pinned = pinned_cluster(layout, name);
  }
  if (!pinned) {
    throw Error("read", layout.clusters + "/" + name, "it has been deleted");
  }
  require(refuse_pinned(*pinned, found, layout.clusters + "/" + name));
  // Again: another section may have been pinned at the same time, or by a
  // version that did not compare them.
  require(refuse_second_section(cluster, config));
  if (pinned->database.empty()) {
    write(layout, name, found, AtomicFile::Collision::replace);
  }
  cluster.require_system(found.system);
}

}  // namespace berth::worker
