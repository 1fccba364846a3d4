// SPDX-License-Identifier: GPL-2.0-or-later
// The progress of a restore: pg_restore -v reports the beginning and end of
// each item. An item counts for the time that it took in the last successful
// restore, which is in cache/APP.durations.json; a running item counts by
// elapsed time, up to nine tenths.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "step/report.hpp"
#include "worker/data/dump.hpp"

namespace berth::worker {

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
