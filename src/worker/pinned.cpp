// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/pinned.hpp"

#include "base/atomic_file.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargest = 256;

std::string only_line(const std::string& text, const std::string& path) {
  const std::string line = text.substr(0, text.find('\n'));
  if (line.empty() ||
      line.find_first_not_of("0123456789") != std::string::npos) {
    throw Error("read", path, "does not hold a system identifier");
  }
  return line;
}

}  // namespace

std::optional<std::string> pinned_system(const Layout& layout,
                                         const std::string& cluster) {
  const Dir lib(layout.lib);
  if (!lib.exists("clusters")) return std::nullopt;
  const Dir folder(layout.clusters);
  const auto text = folder.read(cluster, kLargest);
  if (!text) return std::nullopt;
  return only_line(*text, folder.path_of(cluster));
}

void require_pinned(Cluster& cluster, const Layout& layout) {
  const std::string& name = cluster.config().name;
  const std::string found = cluster.system_identifier();
  auto pinned = pinned_system(layout, name);
  if (!pinned) {
    Dir(layout.lib).make("clusters", 0700);
    const Dir folder(layout.clusters);
    AtomicFile file(folder, name, 0600);
    file.write(found + "\n");
    // Two at the same time: the first one says.
    file.commit(AtomicFile::Sync::durable, AtomicFile::Collision::keep);
    pinned = pinned_system(layout, name);
  }
  if (pinned != found) {
    throw Error("work on", "cluster " + name,
                "it is another PostgreSQL server (system identifier " + found +
                    ") than the one used so far (" + pinned.value_or("none") +
                    "); if that is meant, remove " + layout.clusters + "/" +
                    name + ", else mend conninfo");
  }
  cluster.require_system(found);
}

}  // namespace berth::worker
