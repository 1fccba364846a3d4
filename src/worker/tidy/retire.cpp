// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/tidy/retire.hpp"

#include <algorithm>

namespace berth::worker {
namespace {

// Those of one application: newest first, spares of one generation by name.
std::vector<Database> of(const std::vector<Database>& all,
                         const std::string& application) {
  std::vector<Database> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const Database& d) {
                 return d.marker->application == application;
               });
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    if (a.marker->generation != b.marker->generation) {
      return a.marker->generation > b.marker->generation;
    }
    return a.name < b.name;
  });
  return out;
}

class Retiring {
 public:
  Retiring(const Ready& ready, const TidyFacts& facts)
      : ready_(ready), facts_(facts) {}

  std::vector<Deed> run() {
    for (const auto& [name, application] : facts_.config.applications) {
      if (application.cluster != facts_.cluster) continue;
      const auto bases = of(ready_.bases, name);
      if (bases.empty()) continue;
      visit_spares(application, bases.front());
      if (!facts_.needs.choosing.contains(name)) {
        visit_bases(application, bases);
      }
    }
    if (wants_room_ && !old_.empty()) {
      spare(*std::min_element(old_.begin(), old_.end(),
                              [](const Database& a, const Database& b) {
                                return a.marker->generation <
                                       b.marker->generation;
                              }),
            "makes space for one of a newer generation");
    }
    return std::move(deeds_);
  }

 private:
  void spare(const Database& d, const std::string& why) {
    deeds_.push_back({Deed::What::discard_copy, d, why});
  }

  bool no_room_for(const Database& base) const {
    const auto cluster = facts_.config.clusters.find(facts_.cluster);
    if (cluster == facts_.config.clusters.end()) return false;
    const auto cap = static_cast<std::size_t>(cluster->second.spares);
    return ready_.spares.size() >= cap ||
           (facts_.free_bytes &&
            *facts_.free_bytes < base.size + cluster->second.disk_floor);
  }

  void visit_spares(const ApplicationConfig& application,
                    const Database& newest) {
    const auto wanted = static_cast<std::size_t>(application.spares);
    std::size_t current = 0;
    std::vector<Database> older;
    for (const Database& d : of(ready_.spares, application.name)) {
      if (d.marker->generation != newest.marker->generation) {
        older.push_back(d);
      } else if (++current > wanted) {
        spare(d, "exceeds the number in berth.conf");
      }
    }
    if (current >= wanted) {
      for (const Database& d : older) spare(d, "is of an older generation");
      return;
    }
    if (no_room_for(newest)) wants_room_ = true;
    old_.insert(old_.end(), older.begin(), older.end());
  }

  void visit_bases(const ApplicationConfig& application,
                   const std::vector<Database>& bases) {
    const auto kept =
        static_cast<std::size_t>(std::max(application.generations, 1));
    for (std::size_t i = kept; i < bases.size(); ++i) {
      const Database& d = bases[i];
      if (facts_.needs.bases.contains(d.name) ||
          facts_.needs.generations.contains(
              {application.name, d.marker->generation})) {
        continue;
      }
      deeds_.push_back({Deed::What::discard_base, d,
                        "is older than the newest " + std::to_string(kept)});
    }
  }

  const Ready& ready_;
  const TidyFacts& facts_;
  std::vector<Database> old_;  // kept until there are enough newer ones
  bool wants_room_ = false;
  std::vector<Deed> deeds_;
};

}  // namespace

std::vector<Deed> retired(const Ready& ready, const TidyFacts& facts) {
  return Retiring(ready, facts).run();
}

}  // namespace berth::worker
