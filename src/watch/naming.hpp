// SPDX-License-Identifier: GPL-2.0-or-later
// Which server a domain is: its alias, or its own name when one of the host's
// globs matches it. A matching name that can be no server name (^[a-z]...) is
// skipped, named once in the log and, by the watcher, in the host's state, with
// the remedy. Pure but for that line.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/config.hpp"

namespace berth::watch {

class Naming {
 public:
  explicit Naming(HostConfig host) : host_(std::move(host)) {}

  // nullopt: the domain is none of ours.
  std::optional<std::string> server_of(const std::string& domain);

  // Why a domain of ours is no server, and what to do; empty for every other.
  std::string why_skipped(const std::string& domain) const;

  // True the first time it is asked: for lines that are said once.
  bool first_mention(const std::string& domain);

 private:
  bool is_ours(const std::string& domain) const;
  HostConfig host_;
  std::set<std::string> mentioned_;
};

}  // namespace berth::watch
