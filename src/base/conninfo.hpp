// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the part of libpq's connection strings that decides who receives the
// password: where a connection leads, and whether the server must prove its
// identity. Both forms are read, `host=db1 user=berth` and
// `postgresql://berth@db1/`; what libpq adds to them (a service file, PGHOST)
// is not: worker/cluster/connection checks libpq's result in the same way
// before it sends anything.
//
// A password is sent to whoever answers, unless the certificate is verified
// against the requested name, which only sslmode=verify-full does: verify-ca
// accepts any server of the same authority, and require any server at all. If
// the answer can only come from this machine, worker/cluster/local_server asks
// the kernel which process it is.
#pragma once

#include <map>
#include <string>

namespace berth {

using ConninfoValues = std::map<std::string, std::string>;

// Keyword to value. Malformed parts are omitted: libpq refuses them with a
// message.
ConninfoValues read_conninfo(const std::string& conninfo);

// Whether each host is the folder of a Unix socket or a loopback address;
// without a host: libpq's own socket.
bool stays_on_this_machine(const ConninfoValues& values);

// The problem, for a message; empty if only the right server can receive the
// password.
std::string why_unverified(const ConninfoValues& values);

}  // namespace berth
