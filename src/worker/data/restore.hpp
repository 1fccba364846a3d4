// SPDX-License-Identifier: GPL-2.0-or-later
// pg_restore of one dump into one loading generation: in parallel where the
// format allows, everything as the owner of the data, without the privileges,
// tablespaces, publications and subscriptions of the system it came from - a
// subscription would connect there. The first error ends it.
//
// In two parts: what comes before rows, and rows with what comes after them.
// Left out of its list: the rows of tables that match `skip_data` and of their
// partitions; the rows of materialized views, which are filled after the scrub
// (materialized_view.hpp); the planner's statistics, which are samples of rows
// that are not scrubbed; and what a role that is no superuser can neither make
// nor comment and what every new database has: schema public, plpgsql.
//
// Progress: pg_restore -v says which item begins and ends, and each counts for
// the time it took in the last restore that went well, kept in
// cache/APP.durations.json; one that is at work counts by the clock, to nine
// tenths. What pg_restore says otherwise may quote rows and
// goes to the private log; people are told the item it stopped at.
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
  // Called when the tables are there and have no rows yet.
  std::function<void()> before_rows = {};
};

// Throws Error, with the item; Interrupted after pg_restore has been killed.
void restore_dump(Cluster& cluster, const RestoreOrder& order, Report& report,
                  PrivateLog& in_full, Deadline deadline);

// What is restored of the dump, in its order. A glob of `skip_data` is compared
// with SCHEMA.NAME, both as they are, without quotes; one that meets a
// partitioned table leaves out the rows of all its partitions. Throws Error,
// naming them, for globs that meet no table or materialized view of the dump.
std::vector<DumpItem> chosen_items(const std::vector<DumpItem>& all,
                                   const std::vector<std::string>& skip_data);

// Schema and name of each materialized view that had rows where the dump was
// made, but for those of `skip_data`.
std::vector<std::pair<std::string, std::string>> filled_views(
    const std::vector<DumpItem>& all,
    const std::vector<std::string>& skip_data);

// Follows pg_restore -v, whether it works in parallel or not.
class RestoreGauge {
 public:
  using Durations = std::map<std::string, std::int64_t>;  // text, ms
  RestoreGauge(const std::vector<DumpItem>& items, const Durations& usual);

  // False for a line that is no news of an item, and may say anything.
  bool take(std::string_view line, std::int64_t now_ms);
  void end(std::int64_t now_ms);  // all is done
  Progress progress(std::int64_t now_ms) const;
  const Durations& durations() const { return took_; }
  // The item of "from TOC entry N; ..."; empty when it is no such line.
  std::string item_in_error(std::string_view line) const;

 private:
  struct Item {
    std::string text;
    std::int64_t weight = 1;  // ms, usual or guessed
    std::int64_t begun = -1;  // ms; -1: not yet
    bool done = false;
  };
  void begin(std::int64_t id, Item& item, std::int64_t now_ms);
  void finish(std::int64_t id, Item& item, std::int64_t now_ms);
  void end_alone(std::int64_t now_ms);
  // nullptr, or the item of that id; it is in `id` then.
  Item* find(std::string_view number, std::int64_t& id);
  std::map<std::int64_t, Item> items_;
  std::map<std::string, std::int64_t> by_words_;  // "INDEX public.x" to id
  std::int64_t total_ = 0, done_ = 0;
  std::size_t finished_ = 0;
  std::set<std::int64_t> running_;  // begun and not done
  std::int64_t alone_ = 0;  // id of the item that works alone
  std::string last_;
  Durations took_;
};

}  // namespace berth::worker
