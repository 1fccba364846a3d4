// SPDX-License-Identifier: GPL-2.0-or-later
// The fourth part of check: files of an older version in Apache's
// conf-available, a directive that admits other users, a module that shows the
// secret, and a missing module. An installed configuration is never replaced,
// so that what it lacks must be reported.
#include <unistd.h>

#include <sstream>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "ctl/findings.hpp"

namespace berth::ctl {
namespace {

constexpr std::size_t kLargestApacheFile = 1 << 20;

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

// FcgidAuthorizer admits the users that its program admits, before Require, and
// no directive of Apache revokes that for a part of a site.
bool has_authorizer(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos) continue;
    const std::string word =
        lower(line.substr(begin, line.find_first_of(" \t", begin) - begin));
    if (word == "fcgidauthorizer") return true;
  }
  return false;
}

void check_authorizers(const std::string& apache, Findings& out) {
  for (const std::string kind : {"conf", "sites"}) {
    const std::string enabled = apache + kind + "-enabled";
    const std::string available = apache + kind + "-available";
    if (!is_there(enabled)) continue;
    for (const std::string& name : Dir(enabled).names()) {
      // An enabled file is a link to an available one.
      const bool is_link = is_there(available + "/" + name);
      const Dir dir(is_link ? available : enabled);
      try {
        const auto text = dir.read(name, kLargestApacheFile);
        if (!text || !has_authorizer(*text)) continue;
        out.push_back({false, dir.path_of(name) +
                                  ": FcgidAuthorizer: if it applies to the "
                                  "console's site, its program admits users "
                                  "that the console's login does not; remove "
                                  "it there"});
      } catch (const Error& error) {
        out.push_back({false, dir.path_of(name) + ": not checked: " +
                                  error.cause()});
      }
    }
  }
}

}  // namespace

Findings check_apache(const Config& config) {
  Findings out;
  const std::string apache =
      config.folder.substr(0, config.folder.rfind('/')) + "/apache2/";
  const std::string instead =
      "; include " + config.folder + "/apache/berth.conf in the console's "
      "<VirtualHost> (a2ensite berth)";
  for (const std::string name : {"berth.conf", "berth-proxy.conf"}) {
    const std::string path = apache + "conf-available/" + name;
    try {
      if (is_there(path)) {
        const Dir dir(apache + "conf-available");
        const auto text = dir.read(name, kLargestApacheFile);
        if (text && text->find("UseCanonicalPhysicalPort") == text->npos &&
            text->find("${BERTH_COMMON}") == text->npos) {
          out.push_back({true, path + ": is of an older version, which does "
                                      "not report the port of the site that "
                                      "answers; delete it" + instead});
        }
      }
    } catch (const Error& error) {
      out.push_back({false, path + ": not checked: " + error.cause()});
    }
    const std::string enabled = apache + "conf-enabled/" + name;
    if (!is_there(enabled)) continue;
    out.push_back({false, enabled + ": mounts the console in every site of "
                                    "Apache; disable it (a2disconf)" +
                              instead});
  }
  check_authorizers(apache, out);
  // Only berth-proxy.conf uses the secret.
  if (!is_there(config.folder + "/apache.secret")) return out;
  // mod_info prints every directive, including the one with the secret.
  const std::string info = apache + "mods-enabled/info.load";
  if (is_there(info)) {
    out.push_back({true, info + ": shows the secret in " + config.folder +
                             "/apache.secret; disable it (a2dismod info) and "
                             "write a new secret (docs/security.md)"});
  }
  const std::string buffer = apache + "mods-enabled/buffer.load";
  if (is_there(apache + "mods-enabled/proxy_fcgi.load") && !is_there(buffer)) {
    out.push_back({false, buffer + ": missing: without mod_buffer a few slow "
                                   "clients occupy all processes of "
                                   "berth.fcgi; enable it (a2enmod buffer)"});
  }
  return out;
}

}  // namespace berth::ctl
