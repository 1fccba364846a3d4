// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/live_watch.hpp"

#include "base/text.hpp"
#include "store/queue.hpp"
#include "worker/tidy/tidy_facts.hpp"

namespace berth::worker {

LiveWatch::LiveWatch(Cluster& cluster, const Layout& layout)
    : cluster_(cluster),
      layout_(layout),
      before_(now()) {}

// Without those of which a DROP was interrupted.
LiveWatch::Databases LiveWatch::now() {
  Databases out;
  for (const Row& row : cluster_.sql().query(
           "SELECT datname, oid FROM pg_database WHERE datconnlimit <> -2")) {
    out.emplace(cell_text(row[0]), cell_number(row[1]));
  }
  return out;
}

// In this order: of a job that is over by the second look, the line of history
// is there by the third.
std::vector<std::string> LiveWatch::missing() {
  const Databases found = now();
  std::set<std::string> busy;
  std::vector<BadJob> bad;
  for (const Job& job : Queue(layout_.queue, layout_.active).active(&bad)) {
    busy.insert(job.server);
  }
  std::vector<std::string> out;
  for (const InUse& one :
       databases_in_use(layout_, cluster_.config().name)) {
    const std::pair which{one.database.name, one.database.oid};
    if (!before_.contains(which) || found.contains(which) ||
        busy.contains(one.server)) {
      continue;
    }
    out.push_back(one.database.name + " (OID " +
                  std::to_string(one.database.oid) + ") of " + one.server);
  }
  return out;
}

void LiveWatch::require_all(const char* step) {
  const auto gone = missing();
  if (!gone.empty()) throw Error(step, "live databases", text_of_missing(gone));
}

std::string text_of_missing(const std::vector<std::string>& missing) {
  return join(missing, ", ") +
         (missing.size() == 1 ? " was" : " were") +
         " dropped or renamed since the restore began, by SQL of the dump or "
         "by who has the owner's password; find out which, and build " +
         (missing.size() == 1 ? "the server" : "the servers") +
         " with data again";
}

}  // namespace berth::worker
