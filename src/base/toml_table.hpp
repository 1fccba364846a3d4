// SPDX-License-Identifier: GPL-2.0-or-later
// Reads one TOML table strictly: a key that is missing, unknown, of the wrong
// type or out of range becomes a ConfigProblem with its line. Reading
// continues, so that an administrator sees all problems at once.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/toml.hpp"

namespace berth {

class TomlTable {
 public:
  TomlTable(const toml::table& table, std::string file, std::string section,
            std::vector<ConfigProblem>& problems);

  // Each leaves `into` unchanged if the key is missing.
  void text(const char* key, std::string& into, bool required = false);
  void flag(const char* key, bool& into);
  void whole(const char* key, int& into, int least, int most);
  void duration(const char* key, std::int64_t& into);  // "8h" to seconds
  void size(const char* key, std::int64_t& into);      // "20G" to bytes
  // A string or an array of strings.
  void texts(const char* key, std::vector<std::string>& into,
             bool required = false);
  // A string that must be one of the words.
  void word(const char* key, std::string& into,
            const std::vector<std::string>& words, bool required = false);
  // A nested table; nullptr if it is missing.
  const toml::table* table(const char* key);
  bool has(const char* key) const { return table_.contains(key); }

  void problem(const toml::node* at, std::string text);
  void problem_at(const char* key, std::string text);
  // Reports every key that was not read.
  void finish();

  const toml::table& raw() const { return table_; }
  const std::string& file() const { return file_; }

 private:
  const toml::node* find(const char* key, bool required);
  void problem_in(const toml::source_region& place, std::string text);
  const toml::table& table_;
  std::string file_;
  std::string section_;
  std::vector<ConfigProblem>& problems_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace berth
