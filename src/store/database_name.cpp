// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/database_name.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "model/number.hpp"
#include "store/sequence.hpp"

namespace berth {
namespace {

constexpr int kMarkerVersion = 1;

bool is_one_of(std::string_view text, std::initializer_list<const char*> all) {
  return std::any_of(all.begin(), all.end(),
                     [&](const char* s) { return text == s; });
}

std::string underscored(std::string text) {
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

}  // namespace

std::string to_text(const DatabaseMarker& m) {
  json::object object{{"berth", kMarkerVersion}};
  write_members(object, m);
  return json::serialize(object);
}

std::optional<DatabaseMarker> parse_marker(std::string_view comment) {
  if (!comment.starts_with('{')) return std::nullopt;
  try {
    const json::value value = parse_json(comment);
    ObjectReader in(value, "marker");
    if (in.integer("berth") != kMarkerVersion) return std::nullopt;
    DatabaseMarker m;
    read_members(in, m);
    if (!is_number(m.job) ||
        !is_one_of(m.kind, {"base", "spare", "live", "trash"}) ||
        !is_one_of(m.state, {"building", "loading", "ready", "claimed"})) {
      return std::nullopt;
    }
    return m;
  } catch (const JsonError&) {
    return std::nullopt;
  }
}

DatabaseNames::DatabaseNames(const std::string& site_uuid)
    : site_(site_uuid), prefix_("berth_" + site8(site_uuid) + "_") {}

std::string DatabaseNames::checked(const std::string& name) const {
  if (!is_database_name(name)) {
    throw Error("name", name, "must be a database name of at most 63 bytes");
  }
  return name;
}

std::string DatabaseNames::base(const std::string& application,
                                const std::string& generation) const {
  return checked(prefix_ + "b_" + underscored(application) + "_" + generation);
}

std::string DatabaseNames::copy(const std::string& application,
                                const std::string& generation,
                                std::int64_t job) const {
  return checked(prefix_ + "s_" + underscored(application) + "_" + generation +
                 "_" + std::to_string(job % 100000));
}

std::string DatabaseNames::trash(std::int64_t oid, std::int64_t job) const {
  return checked(prefix_ + "t_" + std::to_string(oid) + "_" +
                 std::to_string(job));
}

char DatabaseNames::kind_of(const std::string& name) const {
  if (!name.starts_with(prefix_) || name.size() < prefix_.size() + 3) return 0;
  const char kind = name[prefix_.size()];
  if (name[prefix_.size() + 1] != '_') return 0;
  return kind == 'b' || kind == 's' || kind == 't' ? kind : '\0';
}

std::optional<DatabaseNames::TrashName> DatabaseNames::read_trash(
    const std::string& name) const {
  if (kind_of(name) != 't') return std::nullopt;
  const std::vector<std::string> parts =
      split(name.substr(prefix_.size() + 2), '_');
  if (parts.size() != 2 || parts[1].empty()) return std::nullopt;
  const auto oid = whole_number(parts[0]);
  const auto job = whole_number(parts[1]);
  if (!oid || !job || *oid < 16384) return std::nullopt;
  return TrashName{*oid, *job};
}

std::optional<std::int64_t> DatabaseNames::trash_oid(
    const std::string& name) const {
  const auto read = read_trash(name);
  return read ? std::optional(read->oid) : std::nullopt;
}

std::optional<std::int64_t> DatabaseNames::trash_job(
    const std::string& name) const {
  const auto read = read_trash(name);
  return read ? std::optional(read->job) : std::nullopt;
}

}  // namespace berth
