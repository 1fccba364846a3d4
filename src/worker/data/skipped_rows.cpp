// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/skipped_rows.hpp"

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::worker {
namespace {

bool holds_rows(const DumpItem& item) {
  return item.class_oid == 0 && (item.type == "TABLE DATA" ||
                                 item.type == "MATERIALIZED VIEW DATA");
}

bool is_table(const DumpItem& item) {
  return item.class_oid == 1259 &&
         (item.type == "TABLE" || item.type == "MATERIALIZED VIEW");
}

// The items that a glob matches, and all their descendants. Each name is
// compared once, and each item is visited once, however many of its parents
// match; a crafted dump can contain a cycle.
class Met {
 public:
  explicit Met(const std::vector<DumpItem>& all) : all_(all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const std::int64_t parent : all[i].parents) {
        children_[parent].push_back(i);
      }
    }
  }
  // Returns for each item whether it is one of them.
  std::vector<bool> by(const std::string& glob) const {
    std::vector<bool> out(all_.size());
    std::vector<std::size_t> next;
    const auto add = [&](std::size_t i) {
      if (out[i]) return;
      out[i] = true;
      next.push_back(i);
    };
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const DumpItem& item = all_[i];
      if (!out[i] && may_be_met(item) &&
          glob_match(glob, item.schema + "." + item.name)) {
        add(i);
      }
      while (!next.empty()) {
        const auto below = children_.find(all_[next.back()].id);
        next.pop_back();
        if (below == children_.end()) continue;
        for (const std::size_t child : below->second) add(child);
      }
    }
    return out;
  }

 private:
  // A foreign table has no rows in the dump, but its children can have some.
  static bool may_be_met(const DumpItem& item) {
    return is_table(item) || holds_rows(item) ||
           (item.class_oid == 1259 && item.type == "FOREIGN TABLE");
  }
  const std::vector<DumpItem>& all_;
  std::map<std::int64_t, std::vector<std::size_t>> children_;  // by id
};

}  // namespace

SkippedRows::SkippedRows(const std::vector<DumpItem>& all,
                         const std::vector<std::string>& skip_data) {
  if (skip_data.empty()) return;
  std::set<std::int64_t> tables;
  std::string unmet;
  const Met met(all);
  for (const std::string& glob : skip_data) {
    const std::vector<bool> met_by = met.by(glob);
    bool any = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!met_by[i] || (!is_table(all[i]) && !holds_rows(all[i]))) continue;
      tables.insert(all[i].oid);
      any = true;
    }
    if (!any) unmet += (unmet.empty() ? "" : ", ") + glob;
  }
  if (!unmet.empty()) {
    throw Error("skip_data", unmet,
                "matches no table of the dump; a name is SCHEMA.TABLE as "
                "\\dt shows it, without quotes");
  }
  for (const DumpItem& item : all) {
    if (item.class_oid == 0 && item.type.empty() &&
        item.text.starts_with("TABLE DATA ")) {
      throw Error("skip_data", printable(item.text, 200),
                  "the dump does not separate this table's schema and name; "
                  "rename it, or leave skip_data empty");
    }
    if (holds_rows(item) && tables.contains(item.oid)) ids_.insert(item.id);
  }
}

}  // namespace berth::worker
