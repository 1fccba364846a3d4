// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/login.hpp"

#include "base/name.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

// What is wrong with the realm or domain of a login; empty: it is the one that
// was named, and `user` has lost it.
std::string cut_realm(std::string& user, const Config& config) {
  const std::size_t domain = user.find('\\');
  if (domain != std::string::npos && !config.login_domain.empty()) {
    const std::string given = user.substr(0, domain);
    if (lower(given) != lower(config.login_domain)) {
      return "is of domain " + printable(given, 64) + ", and only " +
             config.login_domain + " is taken (`login_domain` in berth.conf)";
    }
    user.erase(0, domain + 1);
    return "";
  }
  const std::size_t realm = user.rfind('@');
  if (realm != std::string::npos && !config.login_realm.empty()) {
    const std::string given = user.substr(realm + 1);
    if (lower(given) != lower(config.login_realm)) {
      return "is of realm " + printable(given, 64) + ", and only " +
             config.login_realm + " is taken (`login_realm` in berth.conf)";
    }
    user.resize(realm);
    if (user.find('@') != std::string::npos) return "has two realms";
  }
  return "";
}

}  // namespace

Login login_of(const std::string& remote_user, const Config& config) {
  const std::string shown = "the login '" + printable(remote_user, 100) + "' ";
  std::string user = remote_user;
  if (const auto why = cut_realm(user, config); !why.empty()) {
    return {"", shown + why};
  }
  if (config.lower_case_logins) user = lower(user);
  if (user.empty()) return {};
  // In receipts and jobs that name is berthctl's, or berthd's own.
  if (user == "root" || user == "berth") {
    return {"", shown + "is not taken: root has berthctl, and berth is Berth "
                        "itself"};
  }
  if (!is_user_name(user)) {
    return {"", shown + "is no user name: letters, digits and . _ @ -, 64 at "
                        "most"};
  }
  return {user, ""};
}

}  // namespace berth
