// SPDX-License-Identifier: GPL-2.0-or-later
// A configuration: what is on a server - application, path, revision, data,
// templates - and who put it there. A pure value: made by the worker in the
// last record of its steps, kept in the history, shown by the API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/described.hpp"

namespace berth {

struct DatabaseOnServer {
  std::string cluster;
  std::string name;
  std::int64_t oid = 0;
  std::string generation;         // yyyymmddhhmmss
  std::optional<Instant> data_at; // when the dump was taken

  bool operator==(const DatabaseOnServer&) const = default;
};
BOOST_DESCRIBE_STRUCT(DatabaseOnServer, (),
                      (cluster, name, oid, generation, data_at))

struct Configuration {
  std::string application;
  std::string path;
  std::string revision;   // resolved: a number or a full hash
  std::string kind;       // "svn" or "git"
  std::string slot;       // the slot: "a" or "b"
  std::optional<DatabaseOnServer> database;
  std::string templates;  // fingerprint of the rendered files' sources
  std::string user;
  std::string note;
  std::int64_t job = 0;
  Instant built_at = 0;
  bool verified = false;  // false: kept although restart or verify failed
  std::string url;        // empty if the application has none

  bool operator==(const Configuration&) const = default;
};

BOOST_DESCRIBE_STRUCT(Configuration, (),
                      (application, path, revision, kind, slot, database,
                       templates, user, note, job, built_at, verified, url))
template <>
inline constexpr JsonRules kJsonRules<Configuration>{.name = "configuration"};

}  // namespace berth
