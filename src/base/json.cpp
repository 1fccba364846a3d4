// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/json.hpp"

#include <cmath>
#include <utility>

#include "base/text.hpp"

namespace berth {
namespace {

// Boost.JSON keeps the last of two members with one name, and reads 1e400 as
// infinity: with both, two readers could see different documents.
void check(const json::value& value, const std::string& where) {
  if (const auto* number = value.if_double()) {
    if (!std::isfinite(*number)) {
      throw JsonError("a number is too large", where);
    }
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) check(item, where);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, item] : *object) check(item, std::string(key));
  }
}

// Boost.JSON silently keeps the last of two equal members. Every member has
// exactly one colon outside of strings, so fewer members than colons means a
// duplicate.
std::size_t count_members(std::string_view text) {
  std::size_t colons = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ':') {
      ++colons;
    }
  }
  return colons;
}

std::size_t kept_members(const json::value& value) {
  std::size_t count = 0;
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += kept_members(item);
  } else if (const auto* object = value.if_object()) {
    for (const auto& [key, item] : *object) count += 1 + kept_members(item);
  }
  return count;
}

}  // namespace

NewerFormat::NewerFormat(const std::string& what, std::int64_t version,
                         std::int64_t known)
    : JsonError(what + "format " + std::to_string(version) +
                    " is newer than the newest that this program supports (" +
                    std::to_string(known) + ")",
                "version") {}

JsonError::JsonError(std::string detail, std::string member,
                     std::optional<std::size_t> offset)
    : std::runtime_error(std::move(detail)),
      member_(std::move(member)),
      offset_(offset) {}

json::value parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = 16;
  json::stream_parser parser({}, options);
  json::error_code error;
  std::size_t offset = parser.write_some(text.data(), text.size(), error);
  if (!error && offset < text.size()) {
    // write_some stops after the document; only white space may follow.
    const std::size_t more = text.find_first_not_of(" \t\r\n", offset);
    if (more != std::string_view::npos) {
      throw JsonError("is not JSON: extra data after the document", "", more);
    }
  }
  if (!error) parser.finish(error);
  if (error) {
    throw JsonError("is not JSON: " + error.message() + " at byte " +
                        std::to_string(offset),
                    "", offset);
  }
  json::value value = parser.release();
  check(value, "");
  if (kept_members(value) != count_members(text)) {
    throw JsonError("a member is given twice", "");
  }
  return value;
}

const json::value* if_contains(JsonMembers in, std::string_view name) {
  return in.find(name);
}

const json::object* if_object(JsonMembers in, std::string_view name) {
  const json::value* found = in.find(name);
  return found ? found->if_object() : nullptr;
}

const json::array* if_array(JsonMembers in, std::string_view name) {
  const json::value* found = in.find(name);
  return found ? found->if_array() : nullptr;
}

const json::string* if_string(JsonMembers in, std::string_view name) {
  const json::value* found = in.find(name);
  return found ? found->if_string() : nullptr;
}

std::string string_or(JsonMembers in, std::string_view name,
                      std::string_view otherwise) {
  const json::string* found = if_string(in, name);
  return std::string(found ? std::string_view(*found) : otherwise);
}

std::int64_t int64_or(JsonMembers in, std::string_view name,
                      std::int64_t otherwise) {
  const json::value* found = in.find(name);
  return found && found->is_int64() ? found->get_int64() : otherwise;
}

bool bool_or(JsonMembers in, std::string_view name, bool otherwise) {
  const json::value* found = in.find(name);
  return found && found->is_bool() ? found->get_bool() : otherwise;
}

ObjectReader::ObjectReader(const json::value& value, std::string where)
    : object_(value.is_object()
                  ? value.get_object()
                  : throw JsonError(where + " must be an object", where)),
      where_(std::move(where)) {}

void ObjectReader::wrong(std::string_view name, const char* wanted) const {
  throw JsonError(where_ + ": '" + std::string(name) + "' must be " + wanted,
                  std::string(name));
}

const json::value* ObjectReader::optional_value(std::string_view name) {
  seen_.emplace(name);
  const json::value* found = object_.if_contains(name);
  return found && !found->is_null() ? found : nullptr;
}

const json::value& ObjectReader::value(std::string_view name) {
  const json::value* found = optional_value(name);
  if (!found) {
    throw JsonError(where_ + ": '" + std::string(name) + "' is missing",
                    std::string(name));
  }
  return *found;
}

std::string ObjectReader::string(std::string_view name) {
  const json::value& found = value(name);
  if (!found.is_string()) wrong(name, "a string");
  return std::string(found.get_string());
}

std::int64_t ObjectReader::integer(std::string_view name) {
  value(name);
  return optional_integer(name).value();
}

bool ObjectReader::boolean(std::string_view name) {
  const json::value& found = value(name);
  if (!found.is_bool()) wrong(name, "true or false");
  return found.get_bool();
}

Instant ObjectReader::instant(std::string_view name) {
  const auto at = parse_rfc3339(string(name));
  if (!at) {
    throw JsonError("'" + std::string(name) +
                        "' is not an instant such as 2026-11-22T19:27:03Z",
                    std::string(name));
  }
  return *at;
}

void ObjectReader::version(std::int64_t known) {
  const std::int64_t version = integer("version");
  if (version > known) throw NewerFormat(where_ + ": ", version, known);
  if (version < 1) throw JsonError(where_ + ": no format", "version");
}

const json::object& ObjectReader::object(std::string_view name) {
  const json::value& found = value(name);
  if (!found.is_object()) wrong(name, "an object");
  return found.get_object();
}

const json::array& ObjectReader::array(std::string_view name) {
  const json::value& found = value(name);
  if (!found.is_array()) wrong(name, "a list");
  return found.get_array();
}

std::vector<std::string> ObjectReader::strings(std::string_view name) {
  std::vector<std::string> out;
  for (const json::value& item : array(name)) {
    if (!item.is_string()) {
      throw JsonError(where_ + ": '" + std::string(name) + "' must hold text",
                      std::string(name));
    }
    out.emplace_back(item.get_string());
  }
  return out;
}

std::optional<std::string> ObjectReader::optional_string(
    std::string_view name) {
  if (!optional_value(name)) return std::nullopt;
  return string(name);
}

std::optional<std::int64_t> ObjectReader::optional_integer(
    std::string_view name) {
  const json::value* found = optional_value(name);
  if (!found) return std::nullopt;
  if (!found->is_int64()) wrong(name, "a whole number");
  return found->get_int64();
}

std::optional<double> ObjectReader::optional_number(std::string_view name) {
  const json::value* found = optional_value(name);
  if (!found) return std::nullopt;
  if (!found->is_number()) wrong(name, "a number");
  return found->to_number<double>();
}

std::optional<bool> ObjectReader::optional_boolean(std::string_view name) {
  if (!optional_value(name)) return std::nullopt;
  return boolean(name);
}

std::optional<Instant> ObjectReader::optional_instant(std::string_view name) {
  if (!optional_value(name)) return std::nullopt;
  return instant(name);
}

void ObjectReader::finish() const {
  for (const auto& [key, item] : object_) {
    if (!seen_.contains(key)) {
      throw JsonError(where_ + ": unknown member '" +
                          printable(std::string_view(key), 64) + "'",
                      std::string(key));
    }
  }
}

}  // namespace berth
