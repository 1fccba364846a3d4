// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/toml_table.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace berth {

TomlTable::TomlTable(const toml::table& table, std::string file,
                     std::string section,
                     std::vector<ConfigProblem>& problems)
    : table_(table),
      file_(std::move(file)),
      section_(std::move(section)),
      problems_(problems) {}

void TomlTable::problem(const toml::node* at, std::string text) {
  problem_in(at ? at->source() : table_.source(), std::move(text));
}

void TomlTable::problem_in(const toml::source_region& place,
                           std::string text) {
  const auto where = place.begin;
  problems_.push_back({file_, static_cast<unsigned>(where.line),
                       static_cast<unsigned>(where.column),
                       "[" + section_ + "] " + std::move(text)});
}

void TomlTable::problem_at(const char* key, std::string text) {
  problem(table_.get(key), key + (": " + std::move(text)));
}

const toml::node* TomlTable::find(const char* key, bool required) {
  seen_.emplace(key);
  const toml::node* node = table_.get(key);
  if (!node && required) problem(nullptr, std::string(key) + " is missing");
  return node;
}

void TomlTable::text(const char* key, std::string& into, bool required) {
  const toml::node* node = find(key, required);
  if (!node) return;
  const auto* value = node->as_string();
  if (!value) return problem_at(key, "must be a string in quotes");
  if (has_control_characters(value->get())) {
    return problem_at(key, "must not contain control characters");
  }
  if (required && value->get().empty()) {
    return problem_at(key, "must not be empty");
  }
  into = value->get();
}

void TomlTable::flag(const char* key, bool& into) {
  const toml::node* node = find(key, false);
  if (!node) return;
  const auto* value = node->as_boolean();
  if (!value) return problem_at(key, "must be true or false");
  into = value->get();
}

void TomlTable::whole(const char* key, int& into, int least, int most) {
  const toml::node* node = find(key, false);
  if (!node) return;
  const auto* value = node->as_integer();
  if (!value || value->get() < least || value->get() > most) {
    return problem_at(key, "must be a whole number from " +
                               std::to_string(least) + " to " +
                               std::to_string(most));
  }
  into = static_cast<int>(value->get());
}

void TomlTable::duration(const char* key, std::int64_t& into) {
  std::string given;
  text(key, given);
  if (given.empty()) return;
  const auto value = parse_duration(given);
  if (!value) {
    return problem_at(key, "must be a duration such as \"90s\", \"10m\", "
                           "\"8h\" or \"5d\"");
  }
  into = *value;
}

void TomlTable::size(const char* key, std::int64_t& into) {
  std::string given;
  text(key, given);
  if (given.empty()) return;
  const auto value = parse_size(given);
  if (!value) {
    return problem_at(key, "must be a size such as \"512M\" or \"20G\"");
  }
  into = *value;
}

void TomlTable::texts(const char* key, std::vector<std::string>& into,
                      bool required) {
  const toml::node* node = find(key, required);
  if (!node) return;
  into.clear();
  if (const auto* one = node->as_string()) {
    into.push_back(one->get());
  } else if (const auto* many = node->as_array()) {
    for (const auto& item : *many) {
      const auto* value = item.as_string();
      if (!value) return problem(&item, std::string(key) +
                                            ": must contain strings only");
      into.push_back(value->get());
    }
  } else {
    return problem_at(key, "must be a string or an array of strings");
  }
  for (const auto& value : into) {
    if (value.empty() || has_control_characters(value)) {
      return problem_at(key, "must not contain empty strings or control "
                             "characters");
    }
  }
}

void TomlTable::word(const char* key, std::string& into,
                     const std::vector<std::string>& words, bool required) {
  std::string given;
  text(key, given, required);
  if (given.empty()) return;
  if (std::find(words.begin(), words.end(), given) == words.end()) {
    return problem_at(key, "must be one of " + join(words, ", "));
  }
  into = given;
}

const toml::table* TomlTable::table(const char* key) {
  const toml::node* node = find(key, false);
  if (!node) return nullptr;
  if (!node->is_table()) problem_at(key, "must be a table");
  return node->as_table();
}

void TomlTable::finish() {
  for (const auto& entry : table_) {
    const toml::key& key = entry.first;
    if (!seen_.contains(key.str())) {
      problem_in(key.source(),
                 "unknown key '" + printable(key.str(), 64) + "'");
    }
  }
}

}  // namespace berth
