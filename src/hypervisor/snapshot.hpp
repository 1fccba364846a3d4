// SPDX-License-Identifier: GPL-2.0-or-later
// The host's part of a snapshot job, in berth-hypervisor: {server, action,
// name, note, site, job, seq, running, told, commit}.
//
//   take     takes an internal snapshot: the disks, and the memory of a running
//            server. Refused if a disk cannot hold one (raw) or a device of the
//            host is passed through
//   revert   with `running` the server runs afterwards, whatever the snapshot's
//            state is
//   delete   removes this snapshot alone; later ones remain
//
// The note of a revert is the mark (model/snapshot.hpp) and the state of the
// snapshot. With `told` an earlier process has reached the libvirt call: a
// taken snapshot is recognized by its job, a missing one has been deleted, and
// a revert is repeated, which gives the same result.
#pragma once

#include "hypervisor/host_steps.hpp"

namespace berth::hypervisor {

StepDone snapshot_on_host(HostCall& call);

}  // namespace berth::hypervisor
