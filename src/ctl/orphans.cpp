// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/orphans.hpp"

#include <optional>

#include "base/json.hpp"
#include "base/quote.hpp"
#include "base/text.hpp"
#include "store/cluster_state.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"

namespace berth::ctl {
namespace {

std::string size_text(std::int64_t bytes) {
  if (bytes <= 0) return "size unknown";
  if (bytes < 10 << 20) return std::to_string(bytes >> 10) + " KiB";
  return std::to_string(bytes >> 20) + " MiB";
}

// Anybody with CREATEDB chooses a name, and an administrator pastes it.
std::string quoted_identifier(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

// The job does not drop a database that somebody has commented.
std::string remedy(const std::string& cluster, const std::string& kind,
                   const std::string& name) {
  if (kind == "directory") {
    return "rm -r " + name + "   (in the cluster's data directory, as its "
           "owner)";
  }
  if (kind == "commented") {
    return "COMMENT ON DATABASE " + quoted_identifier(name) +
           " IS NULL;   (if it is not needed; "
           "then tidy drops it, or the next doctor shows how)";
  }
  return "berthctl drop-database " + cluster + " " + quote_shell(name);
}

std::optional<ClusterState> last_seen(const Config& config,
                                      const std::string& cluster) {
  return read_cluster_state(State(Layout(config.paths).state), cluster);
}

}  // namespace

std::vector<OrphanFound> orphans_of(const Config& config,
                                    const std::string& cluster) {
  const auto seen = last_seen(config, cluster);
  if (!seen) return {};
  std::vector<OrphanFound> out;
  for (const auto& orphan : seen->orphans) {
    OrphanFound found;
    found.as_of = seen->as_of;
    found.kind = orphan.kind == "directory" ? "directory" : "database";
    found.name = printable(orphan.name);
    found.description =
        size_text(orphan.size) + ": " + printable(orphan.reason, 500);
    found.command = remedy(cluster, orphan.kind, found.name);
    out.push_back(std::move(found));
  }
  return out;
}

std::vector<std::string> problems_of(const Config& config,
                                     const std::string& cluster) {
  std::vector<std::string> out;
  if (const auto seen = last_seen(config, cluster)) {
    if (!seen->reachable) out.push_back(printable(seen->reason, 1000));
    for (const auto& text : seen->problems) {
      out.push_back(printable(text, 1000));
    }
  }
  return out;
}

std::string what_is_known(const Config& config, const std::string& cluster,
                          const std::string& database) {
  for (const auto& orphan : orphans_of(config, cluster)) {
    if (orphan.name == database) return orphan.description;
  }
  return "not known as an orphan; the cluster checks again";
}

}  // namespace berth::ctl
