// SPDX-License-Identifier: GPL-2.0-or-later
// What a session on a cluster begins with: conninfo as the administrator wrote
// it, and the settings that Berth relies on. They go with the first message, as
// libpq's `options`, and not in a SET after it: so they come after what a
// database or a role brings along (ALTER ROLE ... SET), which SQL in a dump can
// write, and RESET returns to them.
#pragma once

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/config.hpp"

namespace berth::worker {

// Where to connect, and whether anybody may answer there.
struct Conninfo {
  Conninfo(const ClusterConfig& cluster)  // NOLINT: that is what it is for
      : text(cluster.conninfo), insecure(cluster.insecure) {}
  Conninfo(const std::string& conninfo) : text(conninfo) {}  // NOLINT
  std::string text;
  bool insecure = false;
};

// Name and value of settings that every release since 13 has.
using SessionSettings = std::vector<std::pair<std::string, std::string>>;

struct PgFinish {
  void operator()(PGconn* c) const { PQfinish(c); }
};
using PgConnection = std::unique_ptr<PGconn, PgFinish>;

// Begins a connection and does not wait for it. `database`, `user` empty:
// conninfo's. Each of `settings` wins over one of conninfo's own options.
PgConnection begin_connection(const Conninfo& conninfo,
                              const std::string& application_name,
                              const std::string& database,
                              const std::string& user,
                              const SessionSettings& settings);

// The `options` that libpq finds for a conninfo: in it, in its service file or
// in PGOPTIONS.
std::string options_of(const std::string& conninfo);
// `options` and these settings, which win.
std::string with_settings(std::string options, const SessionSettings& settings);

// libpq's require_auth, empty where this libpq (before 16) has none: a server
// of another machine that asks for the password itself, or for its MD5, is
// refused, so that an impostor learns nothing from it.
std::string require_auth(const std::string& conninfo,
                         int libpq = PQlibVersion());

// The password that libpq finds for another login of the same server, in
// .pgpass or where `conninfo` says: for a program that may not read that file.
// `conninfo` are the values of one, with its user. Empty: there is none.
std::string password_found(const std::map<std::string, std::string>& conninfo);

}  // namespace berth::worker
