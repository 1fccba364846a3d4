// SPDX-License-Identifier: GPL-2.0-or-later
// A snapshot of a server, as its host keeps it: name, when, in which state,
// and a description for people. One that Berth took ends its description with
// a line of ours,
//
//   berth 1 SITE SERVER JOB SEQ
//
// this console's site, the server, the job that took it and the newest line of
// the server's history then: after a revert the server carries what that line
// says. The host's admins can write there what they like, so the line is a
// hint where to look in our own history, never a fact by itself.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/described.hpp"
#include "base/xml.hpp"

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

// The description of a snapshot that is taken.
std::string describe_snapshot(const std::string& note,
                              const SnapshotMark& mark);
// From libvirt's <domainsnapshot>; `current` is not in it. Throws Error for
// one that cannot be shown as it is: without a name or with one of control
// characters or over 255 bytes, or of a time that is none.
Snapshot snapshot_from_xml(const XmlElement& xml);

}  // namespace berth
