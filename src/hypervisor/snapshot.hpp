// SPDX-License-Identifier: GPL-2.0-or-later
// The host's part of a snapshot, in berth-hypervisor: {server, action, name,
// note, site, job, seq, running, told, commit}.
//
//   take     an internal one: the disks, and of a server that runs its memory.
//            Refused where a disk cannot hold one (raw), or a device that
//            belongs to the host is in use
//   revert   with `running` it runs afterwards, whatever the snapshot says
//   delete   that one alone; what was taken after it stays
//
// The note is the mark (model/snapshot.hpp) and state of a snapshot that was
// reverted to. With `told` an earlier process has come as far as the call:
// one that was taken is known by its job, one that is gone was deleted, and a
// revert is done again, which gives the same.
#pragma once

#include "hypervisor/host_steps.hpp"

namespace berth::hypervisor {

StepDone snapshot_on_host(HostCall& call);

}  // namespace berth::hypervisor
