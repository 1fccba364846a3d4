// SPDX-License-Identifier: GPL-2.0-or-later
// The file lib/clusters/CLUSTER: the PostgreSQL server that this console has
// used under that name, and the database in which its sessions take their
// advisory locks, as one line "SYSTEM_IDENTIFIER DATABASE". PostgreSQL
// generates the identifier at initdb, and it survives restarts, new addresses
// and failovers. Another identifier means that conninfo leads elsewhere: by
// mistake to the production server, or to a new server that replaced the old
// one.
//
// Advisory locks are per database, so two workers in different databases would
// not notice each other. A conninfo changed to name another database is
// therefore refused as well, until an administrator confirms that no job uses
// the old database, by removing this file. It is written at the first use,
// durably; only an administrator removes it. A line with only the digits is
// from an earlier version and is completed at the next use.
//
// Two sections of berth.conf for one server would take each other's databases
// for orphans, so a server that has been used under the name of another section
// is refused. A copied data directory has the identifier of the original;
// therefore the server of the other section is asked when it was started. A
// name that berth.conf no longer has does not count: its section was renamed or
// removed. Another console is another site, whose databases Berth never
// touches, with or without a lock.
#pragma once

#include <optional>
#include <string>

#include "store/layout.hpp"
#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// To be called once per Cluster, before anything is changed on it. Throws Error
// when it is another server or database than the pinned one, and names the file
// to remove if that is intended; and when it is the server of another section,
// which it names. Afterwards the cluster knows its identity: drop_trash()
// refuses a cluster that was not checked, and checks again itself.
void require_pinned(Cluster& cluster, const Config& config);

struct Pinned {
  std::string system;    // digits
  std::string database;  // empty: not recorded yet
  bool operator==(const Pinned&) const = default;
};

// The pinned server; nullopt when nothing is pinned yet. Throws Error for a
// malformed file.
std::optional<Pinned> pinned_cluster(const Layout& layout,
                                     const std::string& cluster);
// The server and database that conninfo leads to now.
Pinned found_at(Cluster& cluster);
// Why `found` must not be used, and what to do; empty if it may be used.
std::string refuse_pinned(const Pinned& pinned, const Pinned& found,
                          const std::string& file);
// Why the server may not be used by the section of `cluster`: another section
// that has been used leads to the same one; and what to do. Empty if it may.
std::string refuse_second_section(Cluster& cluster, const Config& config);

}  // namespace berth::worker
