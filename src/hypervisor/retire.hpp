// SPDX-License-Identifier: GPL-2.0-or-later
// The host's parts of taking a server away, in berth-hypervisor:
//
//   retire-look  {site, server}: tells in the log what would go and what would
//                stay; its note: {uuid, volumes}
//   retire-do    {site, server, uuid}: shuts it down (its plug is pulled after
//                a minute), removes its own volumes, undefines it, in this
//                order, so that what is left after a kill still says whose it
//                is. A domain of another UUID is not touched; none is done
//
// Its own volumes are those that its metadata names, that carry this console's
// site in their name, and that no other volume lies over. An image never is.
#pragma once

#include "hypervisor/host_steps.hpp"

namespace berth::hypervisor {

StepDone retire_look(HostCall& call);
StepDone retire_do(HostCall& call);

}  // namespace berth::hypervisor
