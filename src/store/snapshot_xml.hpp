// SPDX-License-Identifier: GPL-2.0-or-later
// How a host keeps a snapshot: libvirt's <domainsnapshot>. The description of
// one that Berth took ends with a line of ours, its SnapshotMark:
//
//   berth 1 SITE SERVER JOB SEQ
#pragma once

#include <string>

#include "base/xml.hpp"
#include "model/snapshot.hpp"

namespace berth {

// The description of a snapshot that is taken.
std::string describe_snapshot(const std::string& note,
                              const SnapshotMark& mark);
// `current` is not in the definition. Throws Error for a snapshot that cannot
// be shown as it is: without a name, with a name of control characters or over
// 255 bytes, or with a time that is none.
Snapshot snapshot_from_xml(const pugi::xml_document& definition);

}  // namespace berth
