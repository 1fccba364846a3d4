// SPDX-License-Identifier: GPL-2.0-or-later
// check_roles() of ctl/findings.hpp. It only writes notes: existing consoles
// may be set up so, and a refresh refuses what it must.
#include <map>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "ctl/findings.hpp"

namespace berth::ctl {
namespace {

// SQL in a dump runs as the owner and as the restore_user.
void shared_roles(const Config& config, Findings& out) {
  struct Use {
    std::string application, key;
  };
  std::map<std::string, Use> first;  // by cluster and role
  for (const auto& [name, application] : config.applications) {
    if (application.cluster.empty()) continue;
    for (const auto& [key, role] :
         {std::pair<std::string, std::string>{"owner", application.owner},
          {"restore_user", application.restore_user}}) {
      if (role.empty()) continue;
      const auto [other, fresh] =
          first.emplace(application.cluster + "/" + role, Use{name, key});
      if (fresh || other->second.application == name) continue;
      out.push_back({false, application.place + ": [application." + name +
                                "] " + key + ": " + role + " is also " +
                                other->second.key + " of [application." +
                                other->second.application +
                                "]: SQL in a dump of one can change and drop "
                                "the other's databases; give each "
                                "application roles of its own"});
    }
  }
}

// Refreshes of other applications compare its roles as well, and only its own
// refresh removes the file.
void left_baselines(const Config& config, Findings& out) {
  const std::string suffix = ".roles.json";
  std::vector<std::string> names;
  try {
    names = Dir(config.paths.cache).names();
  } catch (const Error&) {
    return;  // check_files() reports unreadable folders
  }
  for (const auto& name : names) {
    if (!name.ends_with(suffix)) continue;
    const std::string of = name.substr(0, name.size() - suffix.size());
    if (!is_application_name(of) || config.applications.contains(of)) continue;
    out.push_back({false, config.paths.cache + "/" + name +
                              ": the roles before a refresh of " + of +
                              ", which berth.conf no longer has; remove it if "
                              "no change by its last dump must be undone"});
  }
}

}  // namespace

Findings check_roles(const Config& config) {
  Findings out;
  shared_roles(config, out);
  left_baselines(config, out);
  return out;
}

}  // namespace berth::ctl
