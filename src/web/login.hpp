// SPDX-License-Identifier: GPL-2.0-or-later
// Who asks. Apache does the login; its REMOTE_USER is mapped once, here, and no
// handler sees another name. Where a request came to and from whose page is
// web/address.hpp's.
#pragma once

#include <string>

#include "base/config.hpp"
#include "web/request.hpp"

namespace berth::web {

// The user's name by the console's rules (model/login.hpp); empty for an empty
// login. Throws Problem 403 for a name no user can have.
std::string map_login(const std::string& remote_user, const Config& config);

// 401 without a login.
void require_login(const Request& request);

}  // namespace berth::web
