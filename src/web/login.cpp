// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/login.hpp"

#include "base/name.hpp"
#include "base/text.hpp"
#include "web/problem.hpp"

namespace berth::web {

std::string map_login(const std::string& remote_user, const Config& config) {
  std::string user = remote_user;
  if (config.strip_realm) user = user.substr(0, user.find('@'));
  if (config.lower_case_logins) user = lower(user);
  if (user.empty()) return user;
  // In receipts and jobs that name is berthctl's, or berthd's own.
  if (user == "root" || user == "berth") {
    throw Problem(403, "the login '" + user + "' is not taken: root has "
                           "berthctl, and berth is Berth itself");
  }
  if (!is_user_name(user)) {
    throw Problem(403, "the login '" + printable(user, 64) +
                           "' is no user name: letters, digits and . _ @ -, "
                           "64 at most");
  }
  return user;
}

void require_login(const Request& request) {
  if (!request.user.empty()) return;
  throw Problem(401,
                "this needs a login; Apache gave none (see \"Require "
                "valid-user\" in berth.conf for Apache)");
}

std::string origin_of(const std::string& url) {
  const std::string text = lower(url);
  std::string scheme;
  for (const char* known : {"http://", "https://"}) {
    if (text.starts_with(known)) scheme = known;
  }
  if (scheme.empty()) return "";
  std::string host = text.substr(scheme.size());
  host = host.substr(0, host.find_first_of("/?#"));
  const std::string usual = scheme == "http://" ? ":80" : ":443";
  if (host.ends_with(usual)) host.resize(host.size() - usual.size());
  return host.empty() ? "" : scheme + host;
}

void refuse_cross_site(const Request& request, const Config& config) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") {
    throw Problem(403, "a page of another site asked for this; only the "
                       "console's own page may");
  }
  if (request.origin.empty()) return;
  const std::string own = origin_of(config.url);
  if (!own.empty() && origin_of(request.origin) == own) return;
  throw Problem(403, "the request comes from '" +
                         printable(request.origin, 100) +
                         "', not from the console at '" + config.url +
                         "' ([console] url in berth.conf)");
}

}  // namespace berth::web
