// SPDX-License-Identifier: GPL-2.0-or-later
// skip_data: whose rows a restore leaves out. A table that a glob meets is
// there and empty, and so are all partitions of it and all tables that INHERIT
// from it, at any depth: their names are not what an administrator thinks of,
// and a SELECT of the table reads their rows. So pg_dump does with
// --exclude-table-data-and-children. A table that inherits from several follows
// each. A materialized view that a glob meets stays unpopulated.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "worker/data/dump.hpp"

namespace berth::worker {

class SkippedRows {
 public:
  // Throws Error for globs that meet nothing, and for rows of which the list
  // does not tell whose they are.
  SkippedRows(const std::vector<DumpItem>& all,
              const std::vector<std::string>& skip_data);

  bool has(const DumpItem& item) const { return ids_.contains(item.id); }

 private:
  std::set<std::int64_t> ids_;
};

}  // namespace berth::worker
