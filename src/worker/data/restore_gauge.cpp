// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/restore_gauge.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::worker {
namespace {

// The progress of at most so many items is estimated. It is computed after each
// line, and a name in the dump can forge lines that begin more items.
constexpr std::size_t kMostRunning = 100;

// Milliseconds for an item without a known duration: rows and what is built
// from them take nearly all the time of a restore.
std::int64_t guessed(const std::string& text) {
  if (text.starts_with("TABLE DATA ") || text.starts_with("BLOBS ")) {
    return 200;
  }
  for (const char* kind : {"INDEX ", "CONSTRAINT ", "FK CONSTRAINT ",
                           "MATERIALIZED VIEW DATA "}) {
    if (text.starts_with(kind)) return 100;
  }
  return 1;
}

// "TABLE DATA public orders" as pg_restore without -j calls it:
// `TABLE DATA "public.orders"`.
std::string spoken(const DumpItem& item) {
  if (!item.type.empty() && item.schema != "-") {
    return item.type + " \"" + item.schema + "." + item.name + "\"";
  }
  const std::string& text = item.text;
  // The schema is the first word that is not all capitals.
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") !=
        std::string::npos) {
      break;
    }
    at = end + 1;
  }
  const std::size_t dot = text.find(' ', at);
  if (at >= text.size() || dot == std::string::npos) return text;
  return text.substr(0, at) + "\"" + text.substr(at, dot - at) + "." +
         text.substr(dot + 1) + "\"";
}

}  // namespace

RestoreGauge::RestoreGauge(const std::vector<DumpItem>& items,
                           const Durations& usual) {
  for (const DumpItem& d : items) {
    Item item;
    item.text = d.text;
    const auto known = usual.find(d.text);
    item.weight = std::max<std::int64_t>(
        1, known == usual.end() ? guessed(d.text) : known->second);
    total_ += item.weight;
    by_words_[spoken(d)] = d.id;
    items_[d.id] = std::move(item);
  }
}

RestoreGauge::Item* RestoreGauge::find(std::string_view number,
                                       std::int64_t& id) {
  id = take_number(number).value_or(0);
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : &found->second;
}

void RestoreGauge::begin(std::int64_t id, Item& item, std::int64_t now_ms) {
  if (item.begun < 0) item.begun = now_ms;
  if (!item.done) running_.insert(id);
  last_ = item.text;
}

void RestoreGauge::finish(std::int64_t id, Item& item, std::int64_t now_ms) {
  running_.erase(id);
  if (item.done) return;
  item.done = true;
  done_ += item.weight;
  ++finished_;
  took_[item.text] = item.begun < 0 ? 0 : now_ms - item.begun;
}

bool RestoreGauge::take(std::string_view line, std::int64_t now_ms) {
  static constexpr std::string_view kUs = "pg_restore: ";
  if (!line.starts_with(kUs)) return false;
  line.remove_prefix(kUs.size());
  const auto after = [&](std::string_view front)
      -> std::optional<std::string_view> {
    if (!line.starts_with(front)) return std::nullopt;
    return line.substr(front.size());
  };
  std::int64_t id = 0;
  if (const auto number = after("launching item ")) {
    end_alone(now_ms);
    if (Item* item = find(*number, id)) begin(id, *item, now_ms);
    return true;
  }
  if (const auto number = after("finished item ")) {
    if (Item* item = find(*number, id)) finish(id, *item, now_ms);
    return true;
  }
  // Not parallel: an item ends when the next one begins.
  Item* next = nullptr;
  if (const auto number = after("processing item ")) {
    next = find(*number, id);
  } else {
    std::string words;
    if (const auto rest = after("creating ")) words = *rest;
    if (const auto rest = after("executing ")) words = *rest;
    if (const auto rest = after("processing data for table ")) {
      words = "TABLE DATA " + std::string(*rest);
    }
    if (words.empty()) {
      // One part of a restore skips the items of the other.
      static constexpr std::string_view kNoNews[] = {
          "connecting to ", "entering main ", "finished main ",
          "skipping item ", "restoring large object ", "restored "};
      return std::any_of(
          std::begin(kNoNews), std::end(kNoNews),
          [&](std::string_view front) { return line.starts_with(front); });
    }
    const auto known = by_words_.find(words);
    if (known == by_words_.end()) return true;
    id = known->second;
    next = &items_.at(id);
  }
  // In a parallel restore this only repeats "launching".
  if (!next || next->begun >= 0) return true;
  end_alone(now_ms);
  alone_ = id;
  begin(id, *next, now_ms);
  return true;
}

void RestoreGauge::end_alone(std::int64_t now_ms) {
  if (alone_ != 0) finish(alone_, items_.at(alone_), now_ms);
  alone_ = 0;
}

void RestoreGauge::end(std::int64_t now_ms) {
  for (auto& [id, item] : items_) finish(id, item, now_ms);
}

Progress RestoreGauge::progress(std::int64_t now_ms) const {
  std::int64_t done = done_;
  std::size_t counted = 0;
  for (const std::int64_t id : running_) {
    const Item& item = items_.at(id);
    done += std::min(now_ms - item.begun, item.weight * 9 / 10);
    if (++counted == kMostRunning) break;
  }
  Progress out;
  out.unit = "%";
  out.total = 100;
  out.done = total_ > 0 ? done * 100 / total_ : 0;
  out.message = std::to_string(finished_) + " of " +
                std::to_string(items_.size()) + " items";
  if (!last_.empty()) out.message += ", " + last_;
  return out;
}

std::string RestoreGauge::item_in_error(std::string_view line) const {
  static constexpr std::string_view kFrom = "pg_restore: from TOC entry ";
  if (!line.starts_with(kFrom)) return "";
  line.remove_prefix(kFrom.size());
  const auto found = items_.find(take_number(line).value_or(0));
  return found == items_.end() ? "" : found->second.text;
}

}  // namespace berth::worker
