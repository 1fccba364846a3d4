// SPDX-License-Identifier: GPL-2.0-or-later
// Checks that PostgreSQL, and not another account, answers at an address of
// this machine. While PostgreSQL is not running, any account can listen in its
// place: on a loopback port above 1023, or on a socket in /tmp. It can ask for
// the password in clear text, and libpq before 16 always sends it.
//
// The kernel knows which account holds the other end. It must be `postgres`,
// root, berth's own, or the one that conninfo names with requirepeer, which
// libpq itself checks for Unix sockets only. TLS on the loopback was rejected:
// few servers have a certificate for `localhost`, and every console that works
// today would have to get one. A login restricted to SCRAM was rejected,
// because the libpq of Debian 12 cannot be told to accept nothing else.
//
// To be called when the first bytes of the server have arrived and before libpq
// reads them: the server has then accepted, and nothing secret has been sent.
#pragma once

#include <string>

namespace berth::worker {

// Why the peer of `socket` must not get a password, for a message; empty if it
// may. `account`: requirepeer, or empty. `verified`: TLS will check the
// server's certificate, which suffices for everything but a Unix socket, on
// which libpq uses no TLS.
std::string why_not_the_server(int socket, const std::string& account,
                               bool verified);

}  // namespace berth::worker
