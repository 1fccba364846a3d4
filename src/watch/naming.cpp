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
  if (!is_ours(domain)) return std::nullopt;
  if (is_server_name(domain)) return domain;
  if (first_mention(domain)) {
    log_warning("skipped domain \"" + printable(domain) + "\" on host " +
                host_.name + ": " + why_skipped(domain));
  }
  return std::nullopt;
}

std::string Naming::why_skipped(const std::string& domain) const {
  if (host_.aliases.contains(domain) || is_server_name(domain) ||
      !is_ours(domain)) {
    return "";
  }
  return "the name is not a server name (a lower-case letter, then lower-case "
         "letters, digits and '-', at most 31 characters); give it one in "
         "`aliases` of [host." +
         host_.name + "]";
}

bool Naming::is_ours(const std::string& domain) const {
  return std::any_of(
      host_.servers.begin(), host_.servers.end(),
      [&](const std::string& glob) { return glob_match(glob, domain); });
}

bool Naming::first_mention(const std::string& domain) {
  return mentioned_.insert(domain).second;
}

}  // namespace berth::watch
