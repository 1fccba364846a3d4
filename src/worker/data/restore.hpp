// SPDX-License-Identifier: GPL-2.0-or-later
// Runs pg_restore for one dump into one loading generation: in parallel if the
// format allows it, everything as the owner of the data, without the
// privileges, tablespaces, publications and subscriptions of the system it
// comes from (a subscription would connect to it). The first error ends it.
//
// It runs in two parts: what precedes the rows, then the rows and what follows
// them. These are left out: the rows of tables that match `skip_data` and of
// their partitions; the rows of materialized views, which are filled after the
// scrub (materialized_view.hpp); the planner's statistics, which are samples of
// rows that are not scrubbed; and objects that every new database has and that
// only a superuser can create or comment: schema public, plpgsql.
//
// Progress: pg_restore -v reports the beginning and end of each item. An item
// counts for the time that it took in the last successful restore, which is in
// cache/APP.durations.json; a running item counts by elapsed time, up to nine
// tenths. All other output of pg_restore may quote rows and goes to the private
// log; the error for people names the item at which it stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/config.hpp"
#include "step/report.hpp"
#include "worker/cluster/cluster.hpp"
#include "worker/data/dump.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

struct RestoreOrder {
  const Dump& dump;
  const ApplicationConfig& application;
  std::string database;
  std::string cache;  // the folder
  // Called when the tables exist and have no rows yet.
  std::function<void()> before_rows = {};
};

// Throws Error, with the item; Interrupted after pg_restore has been killed.
void restore_dump(Cluster& cluster, const RestoreOrder& order, Report& report,
                  PrivateLog& in_full, Deadline deadline);

// The items of the dump to restore, in its order. A glob of `skip_data` is
// compared with SCHEMA.NAME, both without quotes; if it matches a partitioned
// table, the rows of all its partitions are left out. Throws Error for globs
// that match no table or materialized view of the dump, with their names.
std::vector<DumpItem> chosen_items(const std::vector<DumpItem>& all,
                                   const std::vector<std::string>& skip_data);

// Schema and name of each materialized view that had rows when the dump was
// made, except those that match `skip_data`.
std::vector<std::pair<std::string, std::string>> filled_views(
    const std::vector<DumpItem>& all,
    const std::vector<std::string>& skip_data);

// Follows the output of pg_restore -v, parallel or not.
class RestoreGauge {
 public:
  using Durations = std::map<std::string, std::int64_t>;  // text, ms
  RestoreGauge(const std::vector<DumpItem>& items, const Durations& usual);

  // Returns false for a line that reports no item and may contain anything.
  bool take(std::string_view line, std::int64_t now_ms);
  void end(std::int64_t now_ms);  // all items are finished
  Progress progress(std::int64_t now_ms) const;
  const Durations& durations() const { return took_; }
  // The item of "from TOC entry N; ..."; empty for any other line.
  std::string item_in_error(std::string_view line) const;

 private:
  struct Item {
    std::string text;
    std::int64_t weight = 1;  // ms, from the last restore or guessed
    std::int64_t begun = -1;  // ms; -1: not begun
    bool done = false;
  };
  void begin(std::int64_t id, Item& item, std::int64_t now_ms);
  void finish(std::int64_t id, Item& item, std::int64_t now_ms);
  void end_alone(std::int64_t now_ms);
  // Sets `id`; returns the item of that id, or nullptr.
  Item* find(std::string_view number, std::int64_t& id);
  std::map<std::int64_t, Item> items_;
  std::map<std::string, std::int64_t> by_words_;  // "INDEX public.x" to id
  std::int64_t total_ = 0, done_ = 0;
  std::size_t finished_ = 0;
  std::set<std::int64_t> running_;  // begun and not done
  std::int64_t alone_ = 0;  // id of the only running item, if not parallel
  std::string last_;
  Durations took_;
};

}  // namespace berth::worker
