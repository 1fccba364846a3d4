// SPDX-License-Identifier: GPL-2.0-or-later
// The third part of check: logins of Apache's password file that are the same
// user to Berth, so that one could act as the other.
#include <map>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "ctl/findings.hpp"
#include "model/login.hpp"

namespace berth::ctl {
namespace {

constexpr std::size_t kLargestPasswordFile = 16 << 20;

// As Apache reads the file: a line NAME:HASH per login, `#` begins a comment.
std::vector<std::string> logins_in(const std::string& text) {
  std::vector<std::string> out;
  for (const auto& line : split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    out.push_back(line.substr(0, colon));
  }
  return out;
}

}  // namespace

Findings check_logins(const Config& config) {
  const std::string path = config.password_file.empty()
                               ? config.folder + "/apache.users"
                               : config.password_file;
  Findings out;
  try {
    const std::size_t slash = path.rfind('/');
    const Dir dir(path.substr(0, slash));
    const auto text = dir.read(path.substr(slash + 1), kLargestPasswordFile);
    if (!text) {
      if (!config.password_file.empty()) {
        out.push_back({true, path + ": missing, but `password_file` of "
                                    "[console] names it"});
      }
      return out;
    }
    std::map<std::string, std::string> first;  // user: login
    for (const auto& login : logins_in(*text)) {
      const Login as = login_of(login, config);
      if (as.user.empty()) continue;
      const auto [known, fresh] = first.emplace(as.user, login);
      if (fresh || known->second == login) continue;
      out.push_back({true, path + ": the logins '" + printable(known->second) +
                               "' and '" + printable(login) +
                               "' are both Berth's user " + as.user +
                               "; remove one of them"});
    }
  } catch (const Error& e) {
    out.push_back({false, path + ": " + e.cause() +
                              "; not checked whether two logins are the same "
                              "user"});
  }
  return out;
}

}  // namespace berth::ctl
