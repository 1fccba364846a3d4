// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/sqlstate.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace berth::worker {
namespace {

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

}  // namespace

// Parses "... failed: FATAL:  42501: words" and "LOCATION:  function,
// file:line".
std::string take_sqlstate(std::string& text) {
  std::string out, rest;
  for (std::string line : split(text, '\n')) {
    if (line.starts_with("LOCATION:  ")) continue;
    for (auto at = line.find(":  "); at != std::string::npos;
         at = line.find(":  ", at + 1)) {
      const std::string state = line.substr(at + 3, 5);
      if (!is_sqlstate(state) || line.compare(at + 8, 2, ": ") != 0) continue;
      out = state;
      line.erase(at + 3, 7);
      break;
    }
    rest += line + "\n";
  }
  text = rest;
  return out;
}

}  // namespace berth::worker
