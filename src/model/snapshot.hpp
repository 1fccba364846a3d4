// SPDX-License-Identifier: GPL-2.0-or-later
// A snapshot of a server, as its host keeps it: name, when, in which state,
// and a note for people. store/snapshot_xml reads it from what the host has.
//
// One that Berth took has a mark: this console's site, the server, the job that
// took it and the newest line of the server's history then: after a revert the
// server carries what that line says. The host's admins can write the mark, so
// it is a hint where to look in our own history, never a fact by itself.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/described.hpp"

namespace berth {

struct SnapshotMark {
  std::string site;      // as site_uuid() has it
  std::string server;
  std::int64_t job = 0;
  std::int64_t seq = 0;  // of the server's history; 0: it had none

  bool operator==(const SnapshotMark&) const = default;
};
BOOST_DESCRIBE_STRUCT(SnapshotMark, (), (site, server, job, seq))

struct Snapshot {
  std::string name;
  Instant created = 0;
  std::string state;     // libvirt's words: "running", "shutoff", ...
  bool current = false;  // the last that was taken or gone back to
  std::string note;      // what people wrote; else its first line
  std::optional<SnapshotMark> mark;

  bool operator==(const Snapshot&) const = default;
};

BOOST_DESCRIBE_STRUCT(Snapshot, (), (name, created, state, current, note, mark))
template <>
inline constexpr JsonRules kJsonRules<Snapshot>{.name = "snapshot"};

}  // namespace berth
