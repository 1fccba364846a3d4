// SPDX-License-Identifier: GPL-2.0-or-later
// Who asks, and from where. Apache does the login; its REMOTE_USER is mapped
// once, here, and no handler sees another name. A change needs a login and
// must not come from another site: browsers say where a request comes from
// (Sec-Fetch-Site, Origin), scripts send neither. The Host header is believed
// nowhere.
#pragma once

#include <string>

#include "base/config.hpp"
#include "web/request.hpp"

namespace berth::web {

// The user's name by the console's rules (login_case, login_realm); empty for
// an empty login. Throws Problem 403 for a name no user can have.
std::string map_login(const std::string& remote_user, const Config& config);

// 401 without a login.
void require_login(const Request& request);

// 403 when a browser says that the request comes from another site.
void refuse_cross_site(const Request& request, const Config& config);

// "https://qa.example.com" of "https://QA.example.com:443/berth"; empty when
// the text is no http or https URL.
std::string origin_of(const std::string& url);

}  // namespace berth::web
