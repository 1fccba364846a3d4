// SPDX-License-Identifier: GPL-2.0-or-later
// How a session on a cluster begins: with conninfo as the administrator wrote
// it, and with the settings that Berth relies on. They are sent with the first
// message, as libpq's `options`, and not in a SET afterwards. So they take
// precedence over settings of a database or a role (ALTER ROLE ... SET), which
// SQL in a dump can write, and RESET returns to them.
#pragma once

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/config.hpp"

namespace berth::worker {

// Where to connect, and whether the server's identity need not be checked.
struct Conninfo {
  Conninfo(const ClusterConfig& cluster)  // NOLINT: meant to be implicit
      : text(cluster.conninfo), insecure(cluster.insecure) {}
  Conninfo(const std::string& conninfo) : text(conninfo) {}  // NOLINT
  std::string text;
  bool insecure = false;
};

// Names and values of settings that every release since 13 has.
using SessionSettings = std::vector<std::pair<std::string, std::string>>;

struct PgFinish {
  void operator()(PGconn* c) const { PQfinish(c); }
};
using PgConnection = std::unique_ptr<PGconn, PgFinish>;

// Begins a connection and does not wait for it. Empty `database` and `user`
// mean those of conninfo. `settings` take precedence over conninfo's own
// options.
PgConnection begin_connection(const Conninfo& conninfo,
                              const std::string& application_name,
                              const std::string& database,
                              const std::string& user,
                              const SessionSettings& settings);

// The `options` that libpq finds for a conninfo: in it, in its service file or
// in PGOPTIONS.
std::string options_of(const std::string& conninfo);
// `options` with these settings added, which take precedence.
std::string with_settings(std::string options, const SessionSettings& settings);

// The value for libpq's require_auth; empty for a libpq before 16, which lacks
// it. It refuses a server of another machine that requests the password itself,
// or its MD5, so that an impostor learns nothing from it.
std::string require_auth(const std::string& conninfo,
                         int libpq = PQlibVersion());

// The password that libpq finds for another login on the same server, in
// .pgpass or where `conninfo` says: for a program that must not read that file.
// `conninfo` contains the values, including the user. Empty: there is none.
std::string password_found(const std::map<std::string, std::string>& conninfo);

}  // namespace berth::worker
