// SPDX-License-Identifier: GPL-2.0-or-later
// A snapshot of a server, as its host has it: name, time, state, and a note for
// people. store/snapshot_xml reads it from the host's XML.
//
// A snapshot that Berth took has a mark: this console's site, the server, the
// job that took it and the newest line of the server's history then: after a
// revert the server has the configuration of that line. The host's admins can
// write any mark, so it is only a pointer into our own history, never a fact in
// itself.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/described.hpp"

namespace berth {

struct SnapshotMark {
  std::string site;      // a site_uuid()
  std::string server;
  std::int64_t job = 0;
  std::int64_t seq = 0;  // of the server's history; 0: none

  bool operator==(const SnapshotMark&) const = default;
};
BOOST_DESCRIBE_STRUCT(SnapshotMark, (), (site, server, job, seq))

struct Snapshot {
  std::string name;
  Instant created = 0;
  std::string state;     // libvirt's: "running", "shutoff", ...
  bool current = false;  // the last one taken or reverted to
  std::string note;      // text by people; else its first line
  std::optional<SnapshotMark> mark;

  bool operator==(const Snapshot&) const = default;
};

BOOST_DESCRIBE_STRUCT(Snapshot, (), (name, created, state, current, note, mark))
template <>
inline constexpr JsonRules kJsonRules<Snapshot>{.name = "snapshot"};

}  // namespace berth
