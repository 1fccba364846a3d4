// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/database_pattern.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace berth {
namespace {

const char kServer[] = "{server}";
const std::string kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::size_t kLongestName = 63;
// Globs with many stars have many states; no real configuration comes near it.
constexpr std::size_t kMostStates = 20000;

// A glob of database names: * and ? stand for the characters of a server name,
// ^ for its first letter.
using Glob = std::string;
using Places = std::set<std::size_t>;  // in a glob, after some letters

Glob of_server(const ApplicationConfig& a, std::string glob) {
  std::replace(glob.begin(), glob.end(), '-', '_');
  Glob out = a.database;
  for (auto cut = out.find(kServer); cut != Glob::npos;
       cut = out.find(kServer, cut + glob.size())) {
    out.replace(cut, sizeof kServer - 1, glob);
  }
  return out;
}

bool differ(char a, char b) {
  const auto letter = [](char c) { return c != '?' && c != '^'; };
  return a != b && letter(a) && letter(b);
}

// Whether they differ before the first star or after the last: cheap, and
// enough for most.
bool ends_differ(const Glob& a, const Glob& b) {
  for (std::size_t i = 0;; ++i) {
    const bool a_ends = i == a.size(), b_ends = i == b.size();
    if ((!a_ends && a[i] == '*') || (!b_ends && b[i] == '*')) break;
    if (a_ends || b_ends) return !(a_ends && b_ends);
    if (differ(a[i], b[i])) return true;
  }
  for (std::size_t i = 1; i <= a.size() && i <= b.size(); ++i) {
    const char x = a[a.size() - i], y = b[b.size() - i];
    if (x == '*' || y == '*') break;
    if (differ(x, y)) return true;
  }
  return false;
}

bool some_ends_differ(const std::vector<Glob>& a, const std::vector<Glob>& b) {
  for (const Glob& x : a) {
    for (const Glob& y : b) {
      if (ends_differ(x, y)) return true;
    }
  }
  return false;
}

void skip_stars(const Glob& glob, Places& places) {
  for (const std::size_t place : places) {  // what is added comes later
    if (place < glob.size() && glob[place] == '*') places.insert(place + 1);
  }
}

Places after(const Glob& glob, const Places& places, char c) {
  Places out;
  for (const std::size_t place : places) {
    if (place == glob.size()) continue;
    const char there = glob[place];
    if (there == '*') out.insert(place);
    if (there == '?' || there == c || (there == '^' && c >= 'a')) {
      out.insert(place + 1);
    }
  }
  skip_stars(glob, out);
  return out;
}

// The shortest name that all globs match; breadth first. '_' sorts before 'a'.
// If the globs have too many states, their common prefix so far: refused as
// well.
std::string common_name(const std::vector<Glob>& globs) {
  std::vector<Places> first;
  for (const auto& glob : globs) {
    first.push_back({0});
    skip_stars(glob, first.back());
  }
  std::set<std::vector<Places>> seen{first};
  std::vector<std::pair<std::vector<Places>, std::string>> now{{first, ""}};
  while (!now.empty()) {
    decltype(now) next;
    for (const auto& [state, name] : now) {
      bool whole = true;
      for (std::size_t i = 0; i < globs.size(); ++i) {
        whole = whole && state[i].contains(globs[i].size());
      }
      if (whole) return name;
      if (seen.size() > kMostStates) return name + "...";
      if (name.size() == kLongestName) continue;
      for (const char c : kLetters) {
        std::vector<Places> then;
        for (std::size_t i = 0; i < globs.size(); ++i) {
          then.push_back(after(globs[i], state[i], c));
          if (then.back().empty()) break;
        }
        if (!then.back().empty() && seen.insert(then).second) {
          next.emplace_back(std::move(then), name + c);
        }
      }
    }
    now = std::move(next);
  }
  return "";
}

// The servers of all hosts: their globs, and the names in their aliases.
std::set<std::string> listed(const Config& config) {
  std::set<std::string> out;
  for (const auto& [name, host] : config.hosts) {
    out.insert(host.servers.begin(), host.servers.end());
    for (const auto& [domain, server] : host.aliases) out.insert(server);
  }
  return out;
}

// For each way to be a server of `a`, the globs that its database matches.
std::vector<std::vector<Glob>> ways(const std::set<std::string>& listed,
                                    const ApplicationConfig& a) {
  std::vector<std::vector<Glob>> out;
  for (const auto& glob : listed) {
    for (const auto& own : a.servers) {
      std::vector<Glob> way = {of_server(a, glob), of_server(a, own)};
      if (ends_differ(way[0], way[1])) continue;
      way.push_back(of_server(a, "^*"));
      if (!common_name(way).empty()) out.push_back(std::move(way));
    }
  }
  return out;
}

}  // namespace

std::string common_database(const Config& config, const ApplicationConfig& a,
                            const ApplicationConfig& b) {
  const auto servers = listed(config);
  const auto ways_of_b = ways(servers, b);
  for (const auto& way : ways(servers, a)) {
    for (auto both : ways_of_b) {
      if (some_ends_differ(way, both)) continue;
      both.insert(both.end(), way.begin(), way.end());
      std::string name = common_name(both);
      if (!name.empty()) return name;
    }
  }
  return "";
}

}  // namespace berth
