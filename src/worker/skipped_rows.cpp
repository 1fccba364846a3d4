// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/skipped_rows.hpp"

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

// Items by their id, and whether a glob meets each: once it is known for a
// table it is for all its partitions, so that each name is compared once,
// however deep they are. A crafted dump may go round in a circle.
class Met {
 public:
  explicit Met(const std::vector<DumpItem>& all) {
    for (const DumpItem& item : all) by_id_[item.id].item = &item;
  }
  void begin(const std::string& glob) {
    glob_ = &glob;
    for (auto& [id, node] : by_id_) node.state = State::unknown;
  }
  bool has(std::int64_t id) {
    std::vector<Node*> way;
    bool met = false;
    for (auto at = by_id_.find(id); at != by_id_.end();
         at = by_id_.find(at->second.item->partition_of)) {
      Node& node = at->second;
      if (node.state != State::unknown) {
        met = node.state == State::yes;
        break;
      }
      way.push_back(&node);
      node.state = State::no;  // where it comes again, it is a circle
      met = glob_match(*glob_, node.item->schema + "." + node.item->name);
      if (met) break;
    }
    for (Node* node : way) node->state = met ? State::yes : State::no;
    return met;
  }

 private:
  enum class State { unknown, no, yes };
  struct Node {
    const DumpItem* item = nullptr;
    State state = State::unknown;
  };
  const std::string* glob_ = nullptr;
  std::map<std::int64_t, Node> by_id_;
};

}  // namespace

SkippedRows::SkippedRows(const std::vector<DumpItem>& all,
                         const std::vector<std::string>& skip_data) {
  if (skip_data.empty()) return;
  std::set<std::int64_t> tables;
  std::string unmet;
  Met met(all);
  for (const std::string& glob : skip_data) {
    met.begin(glob);
    bool any = false;
    for (const DumpItem& item : all) {
      if ((!is_table(item) && !holds_rows(item)) || !met.has(item.id)) continue;
      tables.insert(item.oid);
      any = true;
    }
    if (!any) unmet += (unmet.empty() ? "" : ", ") + glob;
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
