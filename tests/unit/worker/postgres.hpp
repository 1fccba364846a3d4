// SPDX-License-Identifier: GPL-2.0-or-later
// A PostgreSQL server of our own for the tests of the cluster: in a temporary
// folder, on a Unix socket only, started once per test program and stopped
// with it. Roles as docs/install.md makes them: berth (CREATEDB, no
// superuser, pg_signal_backend, member of shop), shop (owns the data),
// shop_restore (runs its dumps), eve (a stranger).
#pragma once

#include <memory>
#include <string>

#include "base/child.hpp"
#include "store/sequence.hpp"
#include "temporary_dir.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/cluster/swap.hpp"
#include "worker/job/private_log.hpp"
#include "worker/tidy/tidy.hpp"
#include "worker/tidy/tidy_state.hpp"

namespace berth::worker {

class Postgres {
 public:
  static Postgres& instance();
  // A copy of its data directory, as another server.
  explicit Postgres(const Postgres& original);
  std::string conninfo(const std::string& role,
                       const std::string& database = "postgres") const;

 private:
  Postgres();
  void start(const std::string& data);
  TemporaryDir folder_;
  std::optional<Child> server_;
};

struct Quiet : Report {
  std::vector<std::string> lines;
  void log(std::string_view text) override { lines.emplace_back(text); }
  void progress(const Progress&) override {}
  bool says(const std::string& part) const {
    for (const auto& line : lines) {
      if (line.find(part) != std::string::npos) return true;
    }
    return false;
  }
};

inline const std::string kSite = "80906223-cda3-41d4-9d98-2bf1e68cc5c2";
inline const std::string kOtherSite = "11111111-cda3-41d4-9d98-2bf1e68cc5c2";

// A clean cluster for one test: every database of an earlier one is gone.
struct ClusterFixture {
  ClusterFixture();
  ClusterConfig config;
  DatabaseNames names{kSite};
  Link link{Fd()};
  Quiet report;
  TemporaryDir logs;
  PrivateLog private_log{logs.path(), 7};
  std::unique_ptr<Connection> root;  // superuser
  std::unique_ptr<Cluster> cluster;  // berth, job 7

  // Another session of ours, told which server it has to be.
  std::unique_ptr<Cluster> other(std::int64_t job);
  std::unique_ptr<Connection> connect(const std::string& role,
                                      const std::string& database);
  // A marked base of `shop` with one table of one row that says `word`.
  Database base(const std::string& generation, const std::string& word);
  // A copy of it for qa1, ready to be swapped.
  Database copy(const Database& base, std::int64_t job);
  Swap order(const Database& copy, std::int64_t job);
  std::string word_in(const std::string& database);
  bool exists(const std::string& database) {
    return cluster->database(database).has_value();
  }
};

// Both of its acts.
inline void swap(Cluster& cluster, const Swap& order, Report& report) {
  Swapping(cluster, order, report).commit();
}

// A console with the application shop and the server qa1, no jobs; five spares
// and ten bases are kept, so that nothing is old.
TidyFacts calm_facts();
// What the console of calm_facts() sees.
ClusterState look_at(Cluster& cluster);
// A line of the server's history by which it carries that database; none.
void carries(const Layout& layout, const std::string& server, std::int64_t job,
             const std::optional<DatabaseOnServer>& database);
// With those facts; returns the problems.
std::vector<std::string> tidy(Cluster& cluster, const IsActive& is_active);

}  // namespace berth::worker
