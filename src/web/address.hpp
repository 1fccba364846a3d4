// SPDX-License-Identifier: GPL-2.0-or-later
// Where a request came to, and from whose page. The console answers at its own
// addresses alone: those of [console] url and `urls`.
//
// An Apache with several sites may have the console mounted in all of them, and
// a site's own <Location "/"> can bring a login of its own, whose users Berth
// would take for its own. So the address that the client named (Host) and the
// site by which Apache answered must both be the console's. The site is its
// scheme, SERVER_NAME and SERVER_PORT, all three: on another port the same name
// is another site with another login. The shipped file sets UseCanonicalName
// and UseCanonicalPhysicalPort On, so that these are the site's ServerName and
// its own port, and nothing that a client can choose. Where TLS ends at a proxy
// in front of Apache, its site is not at the console's address, and [console]
// virtual_hosts names it. That also ends DNS rebinding: a page of another name
// that resolves to the console's address is another host.
//
// Only changes are asked for whose page they come from. A read stays open, so
// that a link in a chat leads to a log; what another site's script could read
// of it is closed by browsers, as Apache's file says
// (Cross-Origin-Resource-Policy).
#pragma once

#include "base/config.hpp"
#include "web/request.hpp"

namespace berth::web {

// Throws Problem 421 when the request came to another address.
void refuse_other_address(const Request& request, const Config& config);

// Throws Problem 403 when a browser says that a page of another site asked:
// by Sec-Fetch-Site, by Origin, or, in browsers that send neither, by Referer.
// Scripts send none of them and pass.
void refuse_cross_site(const Request& request, const Config& config);

}  // namespace berth::web
