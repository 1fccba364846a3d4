// SPDX-License-Identifier: GPL-2.0-or-later
// The requesting user. Apache performs the login; REMOTE_USER is mapped once,
// here, and no handler sees another name. The address of the request and the
// origin of the page are checked in web/address.hpp.
#pragma once

#include <string>

#include "base/config.hpp"
#include "web/request.hpp"

namespace berth::web {

// The user name by the console's rules (model/login.hpp); empty for an empty
// login. Throws Problem 403 for a name that no user can have.
std::string map_login(const std::string& remote_user, const Config& config);

// Throws Problem 401 without a login.
void require_login(const Request& request);

}  // namespace berth::web
