// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/login.hpp"

#include "base/name.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

// Removes the realm or domain from `user`. Returns what is wrong with it; empty
// if it is the configured one.
std::string cut_realm(std::string& user, const Config& config) {
  const std::size_t domain = user.find('\\');
  if (domain != std::string::npos && !config.login_domain.empty()) {
    const std::string given = user.substr(0, domain);
    if (lower(given) != lower(config.login_domain)) {
      return "is of domain " + printable(given, 64) + ", but only " +
             config.login_domain +
             " is accepted (`login_domain` in berth.conf)";
    }
    user.erase(0, domain + 1);
    return "";
  }
  const std::size_t realm = user.rfind('@');
  if (realm != std::string::npos && !config.login_realm.empty()) {
    const std::string given = user.substr(realm + 1);
    if (lower(given) != lower(config.login_realm)) {
      return "is of realm " + printable(given, 64) + ", but only " +
             config.login_realm + " is accepted (`login_realm` in berth.conf)";
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
  // In receipts and jobs these names mean berthctl and berthd.
  if (user == "root" || user == "berth") {
    return {"", shown + "is not accepted: root uses berthctl, and berth is "
                        "Berth itself"};
  }
  if (!is_user_name(user)) {
    return {"", shown + "is not a user name: letters, digits and . _ @ -, at "
                        "most 64"};
  }
  return {user, ""};
}

}  // namespace berth
