// SPDX-License-Identifier: GPL-2.0-or-later
// The host's part of a power job, in berth-hypervisor: {server, action, force,
// told}. Idempotent towards its goal: a server that runs already is started,
// one that is off is shut down. With `told` an earlier process has given the
// order, and it is not given again: a second reset in the middle of a boot
// helps nobody.
//
//   start     runs; what is paused or asleep goes on
//   shutdown  the ACPI button, then it is waited for; with `force` its plug
//   reboot    the ACPI button; done when the host has seen the reset (where
//             its driver tells: QEMU's does) and it runs again
//   reset     the reset button, at once
#pragma once

#include "hypervisor/host_steps.hpp"

namespace berth::hypervisor {

StepDone power_on_host(HostCall& call);

}  // namespace berth::hypervisor
