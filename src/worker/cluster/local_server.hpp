// SPDX-License-Identifier: GPL-2.0-or-later
// Whether PostgreSQL answers at an address of this machine, or just anybody.
// While PostgreSQL does not run, any account can listen in its place: on a
// loopback port above 1023, on a socket in /tmp. It asks for the password in
// clear, and libpq (before 16, whatever one asks of it) sends it.
//
// The kernel knows which account holds the other end. It must be `postgres`,
// root, berth's own, or the one that conninfo names with requirepeer, which
// libpq itself checks for Unix sockets only. TLS on the loopback was rejected:
// few servers have a certificate for `localhost`, and every console that works
// today would have to get one. A SCRAM-only login was rejected, because the
// libpq of Debian 12 cannot be told to accept nothing else.
//
// Called when the first bytes of the server have arrived and before libpq reads
// them: then the server has accepted, and nothing secret has been sent.
#pragma once

#include <string>

namespace berth::worker {

// Why what is connected to `socket` must not get a password, for a message;
// empty: it may. `account`: requirepeer, empty for none. `verified`: TLS will
// check its certificate, which makes up for everything but a Unix socket, where
// libpq has no TLS.
std::string why_not_the_server(int socket, const std::string& account,
                               bool verified);

}  // namespace berth::worker
