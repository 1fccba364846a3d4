// SPDX-License-Identifier: GPL-2.0-or-later
// The names and markers of Berth's databases on a cluster.
//
//   berth_SITE8_b_APP_GEN      a base: one generation of an application
//   berth_SITE8_s_APP_GEN_N    a copy of it: a spare, or one being made
//   berth_SITE8_t_OID_JOB      trash: the database that had that OID
//   live                       as berth.conf says: shop_qa1
//
// SITE8 is the first eight hexadecimal digits of this console's site; in APP
// `-` is `_`; GEN is yyyymmddhhmmss in UTC. Names are made only here and have
// at most 63 bytes; a longer one throws Error and is never cut.
//
// The marker is the database's comment, one JSON object. It stays with the
// object through renames and is not copied by TEMPLATE, so a `createdb -T` of
// one of our databases is not ours.
//
//   {"berth":1,"site":"<uuid>","kind":"base|spare|live|trash",
//    "state":"building|loading|ready|claimed","application":"shop",
//    "generation":"20261122034000","server":"qa1"|null,"job":12,
//    "data_at":RFC3339|null,"undo_until":RFC3339|null}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/described.hpp"

namespace berth {

struct DatabaseMarker {
  std::string site;   // the complete uuid
  std::string kind;   // base, spare, live, trash
  std::string state;  // loading (a base), ready, claimed; formerly building
  std::string application;
  std::string generation;
  std::string server;  // empty: none
  std::int64_t job = 0;
  std::optional<Instant> data_at;
  std::optional<Instant> undo_until;

  bool operator==(const DatabaseMarker&) const = default;
};
BOOST_DESCRIBE_STRUCT(DatabaseMarker, (),
                      (site, kind, state, application, generation, server, job,
                       data_at, undo_until))
template <>
inline constexpr JsonRules kJsonRules<DatabaseMarker>{.nulled = {"server"}};

std::string to_text(const DatabaseMarker& marker);
// nullopt for a comment that is not a marker of a supported version.
std::optional<DatabaseMarker> parse_marker(std::string_view comment);

class DatabaseNames {
 public:
  explicit DatabaseNames(const std::string& site_uuid);
  const std::string& site() const { return site_; }
  // "berth_SITE8_": every database whose name starts with it is made by us.
  const std::string& prefix() const { return prefix_; }

  std::string base(const std::string& application,
                   const std::string& generation) const;
  // The number is the job's, shortened so that the name fits in 63 bytes; two
  // jobs whose numbers differ by 100,000 do not copy the same generation at
  // once.
  std::string copy(const std::string& application,
                   const std::string& generation, std::int64_t job) const;
  std::string trash(std::int64_t oid, std::int64_t job) const;

  // The OID, and the job that made it trash, in a name of our trash; nullopt
  // for any other name.
  std::optional<std::int64_t> trash_oid(const std::string& name) const;
  std::optional<std::int64_t> trash_job(const std::string& name) const;
  // 'b', 's', 't', or 0 if the name is not ours.
  char kind_of(const std::string& name) const;

 private:
  std::string checked(const std::string& name) const;
  struct TrashName {
    std::int64_t oid = 0, job = 0;
  };
  std::optional<TrashName> read_trash(const std::string& name) const;
  std::string site_;
  std::string prefix_;
};

}  // namespace berth
