// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/ssh_hosts.hpp"

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::watch {
namespace {

constexpr std::size_t kLargest = 1 << 20;

// The words of a line; "=" after the keyword counts as a space.
std::vector<std::string> words_of(std::string line) {
  for (char& c : line) {
    if (c == '\t' || c == '\r' || c == '"') c = ' ';
  }
  const auto equals = line.find('=');
  if (equals != std::string::npos) line[equals] = ' ';
  std::vector<std::string> out;
  for (auto& word : split(line, ' ')) {
    if (!word.empty()) out.push_back(std::move(word));
  }
  return out;
}

bool matches(const std::vector<std::string>& patterns,
             const std::string& server) {
  bool any = false;
  for (const auto& pattern : patterns) {
    if (pattern.starts_with('!')) {
      if (glob_match(pattern.substr(1), server)) return false;
    } else if (glob_match(pattern, server)) {
      any = true;
    }
  }
  return any;
}

}  // namespace

void SshHosts::read() {
  const auto slash = file_.rfind('/');
  if (slash == std::string::npos) return;
  entries_.clear();
  try {
    const Dir folder(slash == 0 ? "/" : file_.substr(0, slash));
    parse(folder.read(file_.substr(slash + 1), kLargest).value_or(""));
  } catch (const Error&) {
    // berthctl doctor reports a file that berth cannot read.
  }
}

void SshHosts::parse(const std::string& text) {
  entries_.clear();
  std::vector<std::string> patterns = {"*"};  // before the first Host line
  for (const auto& line : split(text, '\n')) {
    auto words = words_of(line);
    if (words.size() < 2 || words[0].starts_with('#')) continue;
    const std::string keyword = lower(words[0]);
    if (keyword == "host") {
      words.erase(words.begin());
      patterns = std::move(words);
    } else if (keyword == "match") {
      patterns.clear();
    } else if (keyword == "hostname") {
      entries_.push_back({patterns, words[1]});
    }
  }
}

std::vector<std::string> SshHosts::address_of(
    const std::string& server) const {
  for (const auto& entry : entries_) {
    if (!matches(entry.patterns, server)) continue;
    std::string out = entry.name;
    const auto at = out.find("%h");
    if (at != std::string::npos) out.replace(at, 2, server);
    return {printable(out, 255)};
  }
  return {};
}

}  // namespace berth::watch
