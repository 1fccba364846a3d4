// SPDX-License-Identifier: GPL-2.0-or-later
// The part of libpq's connection strings that decides who gets the password:
// where a connection leads, and whether who answers there must prove who he is.
// Both forms are read, `host=db1 user=berth` and `postgresql://berth@db1/`;
// what libpq adds to them (a service file, PGHOST) is not:
// worker/cluster/connection asks the same question about what libpq made of it,
// before it sends anything.
//
// A password is sent to whoever answers, unless the certificate is checked
// against the name that was asked for, which only sslmode=verify-full does:
// verify-ca accepts any server of the same authority, and require anybody.
// Where the answer can come from this machine alone,
// worker/cluster/local_server asks the kernel whose it is.
#pragma once

#include <map>
#include <string>

namespace berth {

using ConninfoValues = std::map<std::string, std::string>;

// Keyword to value. What is not well-formed is left out: libpq refuses it, and
// says why.
ConninfoValues read_conninfo(const std::string& conninfo);

// Each host is a Unix socket's folder or a loopback address; none: libpq's own
// socket.
bool stays_on_this_machine(const ConninfoValues& values);

// What is wrong, for a message: empty when only the right server can get the
// password.
std::string why_unverified(const ConninfoValues& values);

}  // namespace berth
