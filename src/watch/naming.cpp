// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/naming.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/name.hpp"
#include "base/text.hpp"

namespace berth::watch {

std::optional<std::string> Naming::server_of(const std::string& domain) {
  const auto alias = host_.aliases.find(domain);
  if (alias != host_.aliases.end()) return alias->second;
  const bool ours = std::any_of(
      host_.servers.begin(), host_.servers.end(),
      [&](const std::string& glob) { return glob_match(glob, domain); });
  if (!ours) return std::nullopt;
  if (is_server_name(domain)) return domain;
  if (first_mention(domain)) {
    log_warning("skipped domain \"" + domain + "\" on host " + host_.name +
                ": not a server name; give it one with `aliases` of [host." +
                host_.name + "]");
  }
  return std::nullopt;
}

bool Naming::first_mention(const std::string& domain) {
  return mentioned_.insert(domain).second;
}

}  // namespace berth::watch
