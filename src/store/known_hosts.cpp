// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/known_hosts.hpp"

#include <unistd.h>

#include <algorithm>

#include "base/text.hpp"
#include "store/layout.hpp"

namespace berth {
namespace {

bool is_of(const std::string& line, const std::string& server) {
  const auto names = split(line.substr(0, line.find(' ')), ',');
  return std::find(names.begin(), names.end(), server) != names.end();
}

std::vector<std::string> lines_of(std::string_view text) {
  auto lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

}  // namespace

std::vector<std::string> host_keys_in(std::string_view text,
                                      const std::string& server) {
  std::vector<std::string> out;
  for (const auto& line : lines_of(text)) {
    if (!is_of(line, server)) continue;
    const auto words = split(line, ' ');
    if (words.size() >= 3) out.push_back(words[1] + " " + words[2]);
  }
  return out;
}

std::vector<std::string> others_with_key(std::string_view text,
                                         const std::string& server,
                                         const std::vector<std::string>& keys) {
  std::vector<std::string> out;
  for (const auto& line : lines_of(text)) {
    const auto words = split(line, ' ');
    if (words.size() < 3 || is_of(line, server) || line.starts_with('|') ||
        line.starts_with('@') || line.starts_with('#')) {
      continue;
    }
    if (std::find(keys.begin(), keys.end(), words[1] + " " + words[2]) !=
        keys.end()) {
      for (const auto& name : split(words[0], ',')) out.push_back(name);
    }
  }
  return out;
}

std::string with_host_keys(std::string_view text, const std::string& server,
                           const std::vector<std::string>& keys) {
  std::string out;
  for (const auto& line : lines_of(text)) {
    if (!is_of(line, server)) out += line + "\n";
  }
  for (const auto& key : keys) out += server + " " + key + "\n";
  return out;
}

std::string known_hosts_for(const Config& config, const std::string& server) {
  const std::string own =
      Layout(config.paths).known_hosts + "/" + server;
  return ::access(own.c_str(), F_OK) == 0 ? own
                                          : config.folder + "/known_hosts";
}

}  // namespace berth
