// SPDX-License-Identifier: GPL-2.0-or-later
// The host's part of a power job, in berth-hypervisor: {server, action, force,
// told}. Each action is idempotent: starting a running server succeeds, and so
// does shutting down one that is off. With `told` an earlier process has given
// the order, and it is not given again, because a second reset in the middle of
// a boot helps nobody.
//
//   start     returns when it runs; a paused or suspended server is resumed
//   shutdown  presses the ACPI button and waits; with `force` cuts the power
//   reboot    presses the ACPI button; returns when the guest was reset (if the
//             driver reports it, as QEMU's does) and runs again
//   reset     presses the reset button, without asking the guest
//   reset     the reset button, at once
#pragma once

#include "hypervisor/host_steps.hpp"

namespace berth::hypervisor {

StepDone power_on_host(HostCall& call);

}  // namespace berth::hypervisor
