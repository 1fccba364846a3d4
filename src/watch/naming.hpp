// SPDX-License-Identifier: GPL-2.0-or-later
// Maps a domain to a server: to its alias, or to its own name if one of the
// host's globs matches that. A matching name that is not a server name
// (^[a-z]...) is skipped and reported with the remedy, once in the log and, by
// the watcher, in the host's state. Otherwise pure.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/config.hpp"

namespace berth::watch {

class Naming {
 public:
  explicit Naming(HostConfig host) : host_(std::move(host)) {}

  // nullopt: the domain is not a server.
  std::optional<std::string> server_of(const std::string& domain);

  // Why a matching domain is not a server, and what to do; empty for all
  // others.
  std::string why_skipped(const std::string& domain) const;

  // True at the first call for a domain: for lines that are logged once.
  bool first_mention(const std::string& domain);

 private:
  bool is_ours(const std::string& domain) const;
  HostConfig host_;
  std::set<std::string> mentioned_;
};

}  // namespace berth::watch
