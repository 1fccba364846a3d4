// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/login.hpp"

#include "model/login.hpp"
#include "web/problem.hpp"

namespace berth::web {

std::string map_login(const std::string& remote_user, const Config& config) {
  const Login login = login_of(remote_user, config);
  if (!login.refused.empty()) throw Problem(403, login.refused);
  return login.user;
}

void require_login(const Request& request) {
  if (!request.user.empty()) return;
  throw Problem(401,
                "a login is required, but Apache passed none: an administrator "
                "must configure one in the file that Apache's Define "
                "BERTH_LOGIN names (docs/install.md, The login)");
}

}  // namespace berth::web
