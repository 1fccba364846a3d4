// SPDX-License-Identifier: GPL-2.0-or-later
// Strict reading of JSON objects, based on Boost.JSON: a member that is
// missing, of the wrong type or unknown is reported by name in one exception,
// to which a request answers 400 and the runner a refusal.
//
//   ObjectReader in(value, "drop");
//   const std::string user = in.string("user");
//   in.finish();               // throws for members that were not read
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace berth {

namespace json = boost::json;

// An error in a document. For a syntax error `member` is empty, and `offset` is
// the byte at which parsing stopped.
class JsonError : public std::runtime_error {
 public:
  JsonError(std::string detail, std::string member,
            std::optional<std::size_t> offset = std::nullopt);
  const std::string& member() const { return member_; }
  std::optional<std::size_t> offset() const { return offset_; }

 private:
  std::string member_;
  std::optional<std::size_t> offset_;
};

// A document of a newer version of this program: it is valid, and a reader that
// treated it as invalid would lose it.
class NewerFormat : public JsonError {
 public:
  // `what` is a prefix such as "receipt: "; `known` is the newest supported
  // version.
  NewerFormat(const std::string& what, std::int64_t version,
              std::int64_t known);
};

// Parses one whole document: depth at most 16, no trailing bytes, valid UTF-8,
// finite numbers, no duplicate members. Throws JsonError.
json::value parse_json(std::string_view text);

// Reading of what another program or version wrote, in which a member that is
// missing or of another type is as good as not there. These are named after
// those of Boost.JSON, and take any value: one that is no object has no
// members. What they point at is the value's.
class JsonMembers {
 public:
  JsonMembers(const json::object& object) : object_(&object) {}
  JsonMembers(const json::value& value) : object_(value.if_object()) {}
  const json::value* find(std::string_view name) const {
    return object_ ? object_->if_contains(name) : nullptr;
  }

 private:
  const json::object* object_;
};
const json::value* if_contains(JsonMembers in, std::string_view name);
const json::object* if_object(JsonMembers in, std::string_view name);
const json::array* if_array(JsonMembers in, std::string_view name);
const json::string* if_string(JsonMembers in, std::string_view name);
std::string string_or(JsonMembers in, std::string_view name,
                      std::string_view otherwise);
std::int64_t int64_or(JsonMembers in, std::string_view name,
                      std::int64_t otherwise);
bool bool_or(JsonMembers in, std::string_view name, bool otherwise);

class ObjectReader {
 public:
  // `where` names the object in messages, for instance "arguments". The value
  // must outlive the reader.
  ObjectReader(const json::value& value, std::string where);
  ObjectReader(json::value&&, std::string) = delete;

  std::string string(std::string_view name);
  std::int64_t integer(std::string_view name);
  bool boolean(std::string_view name);
  Instant instant(std::string_view name);  // RFC 3339
  const json::object& object(std::string_view name);
  const json::array& array(std::string_view name);
  std::vector<std::string> strings(std::string_view name);
  // For these, null counts as missing.
  std::optional<std::string> optional_string(std::string_view name);
  std::optional<std::int64_t> optional_integer(std::string_view name);
  std::optional<double> optional_number(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);
  std::optional<Instant> optional_instant(std::string_view name);
  // Throws NewerFormat for a document that is newer than `known`.
  void version(std::int64_t known);
  // nullptr if missing or null.
  const json::value* optional_value(std::string_view name);
  const json::value& value(std::string_view name);
  // Throws for the first member that was not read.
  void finish() const;

 private:
  [[noreturn]] void wrong(std::string_view name, const char* wanted) const;
  const json::object& object_;
  std::string where_;
  std::set<std::string, std::less<>> seen_;
};

// Reads each item of a list separately: an invalid one is reported in
// `problems` ("bases: item 3: ..."), at most 20 of them, and hides no other. A
// missing or null list is empty; a value that is not a list is a problem.
template <class Read>
void read_each(const json::value* list, const std::string& name,
               std::vector<std::string>& problems, Read read) {
  constexpr std::size_t kMostNamed = 20;
  const auto problem = [&](const std::string& where, const char* why) {
    if (problems.size() < kMostNamed) {
      problems.push_back(where + " cannot be read: " + why);
    }
  };
  if (!list) return;
  const json::array* items = list->if_array();
  if (!items) return problem(name, "not a list");
  for (std::size_t i = 0; i < items->size(); ++i) {
    try {
      read((*items)[i]);
    } catch (const std::exception& e) {
      problem(name + ": item " + std::to_string(i + 1), e.what());
    }
  }
}

// An instant in a document is its RFC 3339 text.
inline void tag_invoke(json::value_from_tag, json::value& out, Instant at) {
  out = rfc3339(at);
}

// optional<T> to T or null.
template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value_from(*value) : json::value(nullptr);
}

// A text that may be missing: null for an empty one.
inline json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

}  // namespace berth
