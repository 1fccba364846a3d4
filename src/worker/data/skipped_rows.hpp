// SPDX-License-Identifier: GPL-2.0-or-later
// skip_data: the tables whose rows a restore leaves out. A table that matches a
// glob is created empty, and so are all its partitions and all tables that
// INHERIT from it, at any depth: an administrator does not think of their
// names, but a SELECT of the table reads their rows. pg_dump does the same with
// --exclude-table-data-and-children. A table that inherits from several is
// empty if any of them is. A materialized view that matches a glob remains
// unpopulated.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "worker/data/dump.hpp"

namespace berth::worker {

class SkippedRows {
 public:
  // Throws Error for globs that match nothing, and for rows whose table is not
  // clear from the list.
  SkippedRows(const std::vector<DumpItem>& all,
              const std::vector<std::string>& skip_data);

  bool has(const DumpItem& item) const { return ids_.contains(item.id); }

 private:
  std::set<std::int64_t> ids_;
};

}  // namespace berth::worker
