// SPDX-License-Identifier: GPL-2.0-or-later
// Checks to which address a request was sent, and from whose page it comes. The
// console answers at its own addresses only: [console] url and `urls`.
//
// An Apache with several sites may have the console mounted in all of them, and
// a site's own <Location "/"> may bring a login of its own, whose users Berth
// would take for its own. So both the address that the client named (Host) and
// the site with which Apache answered must be the console's. The site is its
// scheme, SERVER_NAME and SERVER_PORT, all three: on another port the same name
// is another site with another login. The shipped file sets UseCanonicalName
// and UseCanonicalPhysicalPort On, so that these are the site's ServerName and
// its own port, and nothing that a client can choose. If TLS ends at a proxy in
// front of Apache, its site does not have the console's address, and [console]
// virtual_hosts names it. This also prevents DNS rebinding, because a page of
// another name that resolves to the console's address has another host.
//
// The origin of the page is checked for changes only. Reads stay open, so that
// a link in a chat leads to a log; browsers keep another site's script from
// reading them, because of the header Cross-Origin-Resource-Policy in Apache's
// file.
#pragma once

#include "base/config.hpp"
#include "web/request.hpp"

namespace berth::web {

// Throws Problem 421 for a request to another address.
void refuse_other_address(const Request& request, const Config& config);

// Throws Problem 403 if the browser reports that a page of another site sent
// the request: by Sec-Fetch-Site, by Origin or, in browsers that send neither,
// by Referer. Scripts send none of them and pass.
void refuse_cross_site(const Request& request, const Config& config);

}  // namespace berth::web
