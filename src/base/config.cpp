// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/config.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"

namespace berth {
namespace {

std::string replaced(std::string pattern, const std::string& what,
                     const std::string& by) {
  std::size_t at = 0;
  while ((at = pattern.find(what, at)) != std::string::npos) {
    pattern.replace(at, what.size(), by);
    at += by.size();
  }
  return pattern;
}

// By member list and by primary group: a directory service fills only one.
bool in_unix_group(const std::string& user, const std::string& group) {
  const struct group* found = ::getgrnam(group.c_str());
  if (!found) return false;
  for (char** member = found->gr_mem; *member; ++member) {
    if (user == *member) return true;
  }
  const gid_t gid = found->gr_gid;
  const struct passwd* account = ::getpwnam(user.c_str());
  return account && account->pw_gid == gid;
}

constexpr std::size_t kMostProblems = 100;

std::string all_of(const std::vector<ConfigProblem>& problems) {
  std::string out;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (!out.empty()) out += '\n';
    if (i == kMostProblems) {
      return out + std::to_string(problems.size() - i) + " more problems";
    }
    out += problems[i].str();
  }
  return out;
}

}  // namespace

std::int64_t HostConfig::seconds_for(const std::string& step) const {
  const auto set = deadline.find(step);
  if (set != deadline.end()) return set->second;
  if (step == "power") return 120;
  return step == "answer" ? 300 : 600;
}

bool HostConfig::lists(const std::string& domain) const {
  return aliases.contains(domain) ||
         std::any_of(servers.begin(), servers.end(), [&](const auto& glob) {
           return glob_match(glob, domain);
         });
}

std::string ApplicationConfig::database_on(const std::string& server) const {
  std::string part = server;
  std::replace(part.begin(), part.end(), '-', '_');
  return replaced(database, "{server}", part);
}

std::string ApplicationConfig::url_on(const std::string& server) const {
  return replaced(url, "{server}", server);
}

bool ApplicationConfig::allowed_on(const std::string& server) const {
  return std::any_of(servers.begin(), servers.end(), [&](const auto& glob) {
    return glob_match(glob, server);
  });
}

bool Config::is_admin(const std::string& user) const {
  return std::any_of(admins.begin(), admins.end(), [&](const auto& entry) {
    return entry.starts_with('%') ? in_unix_group(user, entry.substr(1))
                                  : entry == user;
  });
}

bool Config::may_have(const ApplicationConfig& application,
                      const std::string& database) const {
  const std::string& pattern = application.database;
  const std::string variable = "{server}";
  const auto cut = pattern.find(variable);
  if (cut == std::string::npos) return false;
  const std::string head = pattern.substr(0, cut);
  const std::string tail = pattern.substr(cut + variable.size());
  if (database.size() <= head.size() + tail.size() ||
      !database.starts_with(head) || !database.ends_with(tail)) {
    return false;
  }
  std::string server = database.substr(
      head.size(), database.size() - head.size() - tail.size());
  std::replace(server.begin(), server.end(), '_', '-');
  return std::any_of(hosts.begin(), hosts.end(), [&](const auto& host) {
    const auto& [name, of] = host;
    return of.lists(server) ||
           std::any_of(
               of.aliases.begin(), of.aliases.end(),
               [&](const auto& alias) { return alias.second == server; });
  });
}

std::string ConfigProblem::str() const {
  std::string out = file;
  if (line > 0) {
    out += ":" + std::to_string(line) + ":" + std::to_string(column);
  }
  // The text may quote the file, which may contain anything.
  return out + ": " + printable(text, 500);
}

ConfigError::ConfigError(std::vector<ConfigProblem> problems)
    : std::runtime_error(all_of(problems)), problems_(std::move(problems)) {}

std::string default_config_file() {
  const char* given = std::getenv("BERTH_CONFIG");
  return given && *given ? given : BERTH_SYSCONFDIR "/berth.conf";
}

const char* version() { return BERTH_VERSION; }

}  // namespace berth
