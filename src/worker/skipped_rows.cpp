// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/skipped_rows.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::worker {
namespace {

// A crafted dump may go round in a circle.
constexpr int kDeepestPartition = 100;

bool holds_rows(const DumpItem& item) {
  return item.class_oid == 0 && (item.type == "TABLE DATA" ||
                                 item.type == "MATERIALIZED VIEW DATA");
}

bool is_table(const DumpItem& item) {
  return item.class_oid == 1259 &&
         (item.type == "TABLE" || item.type == "MATERIALIZED VIEW");
}

// The oids of the tables that a glob meets, and of their partitions.
std::set<std::int64_t> tables_met(const std::vector<DumpItem>& all,
                                  const std::string& glob) {
  std::map<std::int64_t, const DumpItem*> by_id;
  for (const DumpItem& item : all) by_id[item.id] = &item;
  std::set<std::int64_t> out;
  for (const DumpItem& item : all) {
    if (!is_table(item) && !holds_rows(item)) continue;
    const DumpItem* at = &item;
    for (int depth = 0; at && depth < kDeepestPartition; ++depth) {
      if (glob_match(glob, at->schema + "." + at->name)) {
        out.insert(item.oid);
        break;
      }
      const auto parent = by_id.find(at->partition_of);
      at = parent == by_id.end() ? nullptr : parent->second;
    }
  }
  return out;
}

}  // namespace

SkippedRows::SkippedRows(const std::vector<DumpItem>& all,
                         const std::vector<std::string>& skip_data) {
  if (skip_data.empty()) return;
  std::set<std::int64_t> tables;
  std::string unmet;
  for (const std::string& glob : skip_data) {
    const auto met = tables_met(all, glob);
    if (met.empty()) unmet += (unmet.empty() ? "" : ", ") + glob;
    tables.insert(met.begin(), met.end());
  }
  if (!unmet.empty()) {
    throw Error("skip_data", unmet,
                "meets no table of the dump; a name is SCHEMA.TABLE as "
                "\\dt shows it, without quotes");
  }
  for (const DumpItem& item : all) {
    if (item.class_oid == 0 && item.type.empty() &&
        item.text.starts_with("TABLE DATA ")) {
      throw Error("skip_data", printable(item.text, 200),
                  "the dump does not tell this table's schema and name apart; "
                  "rename it, or leave skip_data empty");
    }
    if (holds_rows(item) && tables.contains(item.oid)) ids_.insert(item.id);
  }
}

}  // namespace berth::worker
