// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/dump_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::worker {
namespace {

// A name has at most 63 bytes, a function's with its arguments some thousand.
constexpr std::size_t kLongestHeader = 8 * 1024;
constexpr std::size_t kMostSplits = 1000;
// Of all entries together; pg_dump writes a few for each.
constexpr std::size_t kMostDependencies = 4 * 1000 * 1000;

// Bytes of a schema and a table, whose quotes pg_dump doubles.
constexpr std::size_t kLongestParent = 300;
// Bytes of memory for all such names together, and the overhead of each.
constexpr std::size_t kMostOfParents = 64 << 20;
constexpr std::size_t kCostOfParent = 150;

constexpr std::string_view kInherits = "INHERITS (";
constexpr std::string_view kEntry = "-- TOC entry ";
constexpr std::string_view kDependencies = "-- Dependencies: ";
constexpr std::string_view kNameLine = "-- Name: ";
constexpr std::string_view kRows = "TABLE DATA ";

std::string front_of(const DumpItem& item) {
  return std::to_string(item.id) + "; " + std::to_string(item.class_oid) +
         " " + std::to_string(item.oid) + " ";
}

bool is_relation(const DumpItem& item) {
  return item.class_oid == 1259 &&
         (item.type == "TABLE" || item.type == "MATERIALIZED VIEW" ||
          item.type == "FOREIGN TABLE");
}

// Whether the line consists of these, with a blank after each but the first and
// the last. Nothing is copied, because it is called for each way to read a
// name.
bool is_line_of(std::string_view line,
                const std::array<std::string_view, 5>& parts) {
  std::size_t size = parts.size() - 2;
  for (const auto part : parts) size += part.size();
  if (line.size() != size) return false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!line.starts_with(parts[i])) return false;
    line.remove_prefix(parts[i].size());
    if (i == 0 || line.empty()) continue;
    if (line[0] != ' ') return false;
    line.remove_prefix(1);
  }
  return true;
}

// Moves a name as pg_dump quotes it from the front of the text to `out`;
// returns false if there is no complete one.
bool take_identifier(std::string_view& text, std::string& out) {
  out.clear();
  if (!text.starts_with('"')) {
    const std::size_t end = std::min(text.find_first_of(".,) \""),
                                     text.size());
    out = text.substr(0, end);
    text.remove_prefix(end);
    return !out.empty();
  }
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') {
      out += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      out += text[i++];
    } else {
      text.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool take_mark(std::string_view& text, std::string_view mark) {
  if (!text.starts_with(mark)) return false;
  text.remove_prefix(mark.size());
  return true;
}

// "CREATE TABLE a.b PARTITION OF ..." and "ALTER TABLE ONLY a.b ATTACH
// PARTITION ...", as pg_dump before 14 writes them; a name can contain those
// words.
bool makes_partition(std::string_view line) {
  std::string name;
  std::string_view wanted = " PARTITION OF ";
  if (take_mark(line, "CREATE ")) {
    if (!take_mark(line, "UNLOGGED ")) take_mark(line, "FOREIGN ");
  } else if (take_mark(line, "ALTER ")) {
    wanted = " ATTACH PARTITION ";
  }
  if (!take_mark(line, "TABLE ")) return false;
  take_mark(line, "ONLY ");
  return take_identifier(line, name) &&
         (!take_mark(line, ".") || take_identifier(line, name)) &&
         line.starts_with(wanted);
}

// The quotation mark that is open after the line; 0: none. A doubled quote
// closes and opens them, and pg_dump escapes none by a backslash.
char open_quote(char quote, std::string_view line) {
  for (const char c : line) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    }
  }
  return quote;
}

void set_name(DumpItem& item, std::string_view type, std::string_view schema,
              std::string_view name) {
  item.type = type;
  item.schema = schema;
  item.name = name;
  item.text = item.type + " " + item.schema + " " + item.name;
}

}  // namespace

DumpNames::DumpNames(std::vector<DumpItem>& items) : items_(items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (by_id_.emplace(items[i].id, i).second) continue;
    throw Error("read", "the dump",
                "it lists entry " + std::to_string(items[i].id) +
                    " twice; pg_dump does not write that: find out where the "
                    "dump comes from");
  }
}

DumpItem* DumpNames::find(std::int64_t id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &items_[found->second];
}

void DumpNames::take(std::string_view line) {
  if (line.starts_with(kEntry)) return take_header(line);
  if (pending_ == 0) return take_body(line);
  if (line.starts_with(kDependencies)) {
    line.remove_prefix(kDependencies.size());
    while (const auto id = take_number(line)) {
      if (find(*id) && dependencies_.insert(*id).second &&
          ++dependencies_seen_ > kMostDependencies) {
        throw Error("read", "the dump",
                    "its entries have more than " +
                        std::to_string(kMostDependencies) + " dependencies");
      }
      if (line.empty()) break;
      line.remove_prefix(1);
    }
    return;
  }
  DumpItem* item = find(pending_);
  pending_ = 0;
  if (!item || !line.starts_with(kNameLine)) return;
  line.remove_prefix(kNameLine.size());
  if (!take_name(*item, line) || entries_.contains(item->id)) return;
  current_ = is_relation(*item) ? item->id : 0;
  inherits_.clear();
  quote_ = 0;
  entries_[item->id].dependencies = std::move(dependencies_);
}

// "-- TOC entry 217 (class 1259 OID 16394)"
void DumpNames::take_header(std::string_view line) {
  pending_ = 0;
  dependencies_.clear();
  line.remove_prefix(kEntry.size());
  const auto id = take_number(line);
  DumpItem* item = id ? find(*id) : nullptr;
  if (item && line == " (class " + std::to_string(item->class_oid) + " OID " +
                          std::to_string(item->oid) + ")") {
    pending_ = *id;
  }
}

// Tries each way to read "NAME; Type: TYPE; Schema: SCHEMA; Owner: OWNER" until
// one agrees with the list.
bool DumpNames::take_name(DumpItem& item, std::string_view names) {
  static constexpr std::string_view kType = "; Type: ";
  static constexpr std::string_view kSchema = "; Schema: ";
  static constexpr std::string_view kOwner = "; Owner: ";
  if (names.size() > kLongestHeader) return false;
  const std::string front = front_of(item);
  std::size_t tried = 0;
  const auto next = [&](std::string_view what, std::size_t from) {
    return ++tried > kMostSplits ? std::string_view::npos
                                 : names.find(what, from);
  };
  constexpr auto kNo = std::string_view::npos;
  for (auto a = next(kType, 0); a != kNo; a = next(kType, a + 1)) {
    const auto type_at = a + kType.size();
    for (auto b = next(kSchema, type_at); b != kNo; b = next(kSchema, b + 1)) {
      const auto schema_at = b + kSchema.size();
      for (auto c = next(kOwner, schema_at); c != kNo;
           c = next(kOwner, c + 1)) {
        const std::string_view name = names.substr(0, a);
        const std::string_view type = names.substr(type_at, b - type_at);
        const std::string_view schema =
            names.substr(schema_at, c - schema_at);
        const std::string_view owner = names.substr(c + kOwner.size());
        if (!is_line_of(item.line, {front, type, schema, name, owner})) {
          continue;
        }
        if (!item.type.empty() && (item.type != type || item.name != name ||
                                   item.schema != schema)) {
          throw Error("read", "the dump",
                      "it describes entry " + std::to_string(item.id) +
                          " in two ways");
        }
        set_name(item, type, schema, name);
        return true;
      }
    }
  }
  return false;
}

void DumpNames::take_body(std::string_view line) {
  if (current_ == 0) return;
  Entry& entry = entries_[current_];
  const bool outside = quote_ == 0;  // not in a default's text or in a name
  quote_ = open_quote(quote_, line);
  if (outside && line.starts_with(kInherits)) {
    inherits_.clear();
    line.remove_prefix(kInherits.size());
    return take_inherits(line);
  }
  // A name can contain the end of a line, for which the list has a blank.
  if (!inherits_.empty()) {
    const std::string both = std::exchange(inherits_, "") + std::string(line);
    return take_inherits(both);
  }
  if (!outside) return;
  if (line.starts_with("PARTITION BY ")) entry.partitioned = true;
  if (makes_partition(line)) entry.partition = true;
}

// Reads the complete names in "a, b.c)"; the rest is kept for the next line.
void DumpNames::take_inherits(std::string_view text) {
  Entry& entry = entries_[current_];
  for (;;) {
    std::string_view rest = text;
    std::string schema, name;
    const bool qualified = take_identifier(rest, name) && take_mark(rest, ".");
    if (qualified) {
      schema = std::move(name);
      take_identifier(rest, name);
    }
    const bool last = take_mark(rest, ")");
    if (!last && !take_mark(rest, ", ")) break;
    if (entry.inherits.emplace(schema, name).second) {
      of_parents_ += schema.size() + name.size() + kCostOfParent;
    }
    if (of_parents_ > kMostOfParents) {
      throw Error("read", "the dump",
                  "the names of its tables' parents have more than 64 MiB");
    }
    if (last) return;
    text = rest;
  }
  if (text.size() <= kLongestParent) inherits_ = std::string(text) + " ";
}

void DumpNames::finish() {
  name_rows();
  find_parents();
}

// An extension's table is not in the dump, but its rows may be. Such a line is
// read if it has the expected number of words, and gets no name otherwise.
void DumpNames::name_rows() {
  std::map<std::int64_t, const DumpItem*> relations;
  for (const DumpItem& item : items_) {
    if (is_relation(item)) relations[item.oid] = &item;
  }
  for (DumpItem& item : items_) {
    if (item.class_oid != 0 || !item.type.empty() ||
        !item.text.starts_with(kRows)) {
      continue;
    }
    const auto of = relations.find(item.oid);
    if (of != relations.end()) {
      const std::string front = front_of(item) + std::string(kRows) +
                                of->second->schema + " " + of->second->name +
                                " ";
      if (item.line.starts_with(front)) {
        set_name(item, "TABLE DATA", of->second->schema, of->second->name);
      }
      continue;
    }
    const auto words = split(item.text.substr(kRows.size()), ' ');
    if (words.size() == 2) set_name(item, "TABLE DATA", words[0], words[1]);
  }
}

template <class Accept>
std::int64_t DumpNames::first_of(const std::set<std::int64_t>& ids,
                                 Accept accept) {
  for (const std::int64_t id : ids) {
    const DumpItem* item = find(id);
    if (item && is_relation(*item) && accept(*item)) return id;
  }
  return 0;
}

void DumpNames::find_parents() {
  for (const auto& [id, entry] : entries_) {
    DumpItem* item = find(id);
    if (item->type == "TABLE ATTACH") {
      const auto is_it = [&](const DumpItem& other) {
        return other.schema == item->schema && other.name == item->name;
      };
      const auto part = first_of(entry.dependencies, is_it);
      const auto whole = first_of(
          entry.dependencies, [&](const DumpItem& o) { return !is_it(o); });
      if (part != 0 && whole != 0) find(part)->parents = {whole};
    } else if (entry.partition && is_relation(*item)) {
      const auto whole = first_of(
          entry.dependencies, [&](const DumpItem& other) {
            return entries_.contains(other.id) &&
                   entries_.at(other.id).partitioned;
          });
      if (whole != 0) item->parents = {whole};
    } else if (!entry.inherits.empty()) {
      for (const std::int64_t other : entry.dependencies) {
        if (inherits(*item, entry, *find(other))) {
          item->parents.push_back(other);
        }
      }
    }
  }
}

bool DumpNames::inherits(const DumpItem& item, const Entry& entry,
                         const DumpItem& from) const {
  return is_relation(from) &&
         (entry.inherits.contains({from.schema, from.name}) ||
          // Releases before 10.3 omit the schema if it is the table's own.
          (from.schema == item.schema &&
           entry.inherits.contains({"", from.name})));
}

}  // namespace berth::worker
