// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/tidy/doctor.hpp"

#include <cstdio>
#include <functional>
#include <set>

#include "base/text.hpp"
#include "step/mask.hpp"
#include "store/sequence.hpp"

namespace berth::worker {
namespace {

void add(Findings& to, Findings more) {
  for (Finding& finding : more) to.push_back(std::move(finding));
}

void print(const Finding& finding) {
  std::printf("%s %s\n", finding.problem ? "problem" : "ok",
              one_line(finding.text).c_str());
  for (const auto& sql : finding.sql) {
    std::printf("sql %s\n", one_line(sql).c_str());
  }
}

std::string version_text(int version) {
  return std::to_string(version / 10000) + "." +
         std::to_string(version % 10000);
}

}  // namespace

Finding good(std::string text) {
  return {false, std::move(text), {}};
}

Finding bad(std::string text, std::vector<std::string> sql) {
  return {true, std::move(text), std::move(sql)};
}

Finding examine_version(int version) {
  const int major = version / 10000, minor = version % 10000;
  std::string lacks;
  const auto fix = [&](bool missing, const std::string& what) {
    if (missing) lacks += (lacks.empty() ? "" : "; ") + what;
  };
  fix(major < 13, "Berth requires at least 13");
  fix(major == 15 && minor < 3,
      "before 15.3 a copy made with WAL_LOG could lose later changes of its "
      "tables");
  fix((major == 15 && minor < 4) || (major == 14 && minor < 9) ||
          (major == 13 && minor < 12),
      "before 15.4, 14.9 and 13.12 an interrupted DROP left a corrupt "
      "database that accepts connections");
  fix((major == 15 && minor < 6) || (major == 16 && minor < 2),
      "before 15.6 and 16.2 a new copy could be lost in a crash of the "
      "machine");
  const std::string name = "PostgreSQL " + version_text(version);
  if (!lacks.empty()) {
    return bad(name + ": " + lacks + "; upgrade it");
  }
  if (major < 15) {
    return good(name +
                ": copies are made with FILE_COPY alone, with two "
                "checkpoints each");
  }
  return good(name);
}

Finding examine_pin(Cluster& cluster, const std::optional<Pinned>& pinned,
                    const std::string& file) {
  const Pinned found = found_at(cluster);
  const std::string both = "system identifier " + found.system +
                           ", locks in database " + found.database;
  if (!pinned) {
    return good(both + "; the first job or tidy pins them in " + file);
  }
  const std::string why = refuse_pinned(*pinned, found, file);
  if (!why.empty()) return bad(why + "; nothing is changed on it");
  return good(both + ", as pinned");
}

Findings examine_sections(Cluster& cluster, const Config& config) {
  const std::string why = refuse_second_section(cluster, config);
  if (why.empty()) return {};
  return {bad(why + "; nothing is changed on it")};
}

// Their markers keep Berth away from their databases. They see this console's
// locks only if both connect to the same database.
Findings examine_neighbours(Cluster& cluster) {
  std::set<std::string> sites;
  for (const Database& d : cluster.databases()) {
    if (d.marker && d.marker->site != cluster.names().site()) {
      sites.insert(site8(d.marker->site));
    }
  }
  if (sites.empty()) return {};
  return {good("other consoles have databases here (site " +
               join({sites.begin(), sites.end()}, ", ") +
               "); they see this console's locks only if their conninfo also "
               "names database " + found_at(cluster).database)};
}

Findings examine(Cluster& cluster, const Config& config, const Layout& layout) {
  Findings out;
  const auto part = [&](const std::function<Findings()>& ask) {
    try {
      add(out, ask());
    } catch (const Away&) {
      throw;
    } catch (const Error& e) {
      out.push_back(bad(e.what()));
    }
  };
  part([&] { return Findings{examine_version(cluster.sql().version())}; });
  part([&] { return examine_role(cluster, config); });
  part([&] { return examine_logins(cluster); });
  part([&] { return examine_grants(cluster); });
  part([&] {
    const std::string& name = cluster.config().name;
    return Findings{examine_pin(cluster, pinned_cluster(layout, name),
                                layout.clusters + "/" + name)};
  });
  part([&] { return examine_sections(cluster, config); });
  part([&] { return examine_neighbours(cluster); });
  part([&] { return examine_place(cluster, config); });
  part([&] { return examine_databases(cluster, config); });
  return out;
}

int doctor_chore(const Config& config, const std::string& name) {
  const auto found = config.clusters.find(name);
  if (found == config.clusters.end()) {
    throw Error("examine", "cluster " + name, "it is not in berth.conf");
  }
  const Layout layout(config.paths);
  Link link = Link::inherited();
  Findings findings;
  try {
    const DatabaseNames names(site_uuid(Dir(layout.lib), false));
    Cluster cluster(found->second, names, 0, link);
    findings = examine(cluster, config, layout);
  } catch (const Error& e) {
    findings.push_back(bad(e.what()));
  }
  for (const Finding& finding : findings) print(finding);
  return 0;
}

}  // namespace berth::worker
