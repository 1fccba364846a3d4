// SPDX-License-Identifier: GPL-2.0-or-later
// The host's parts of retiring a server, in berth-hypervisor:
//
//   retire-look  {site, server}: logs what would be removed and what would be
//                kept; its note is {uuid}
//   retire-do    {site, server, uuid}: shuts the domain down (its power is cut
//                after a minute), removes its own volumes, then undefines it.
//                In this order the definition still names the owner of what is
//                left after a kill. A domain with another UUID is not touched;
//                if the domain does not exist, the step succeeds
//
// A domain's own volumes are those that its metadata names, that carry this
// console's site in their names, and that are no backing store of another
// volume. An image never is one of them.
#pragma once

#include "hypervisor/host_steps.hpp"

namespace berth::hypervisor {

StepDone retire_look(HostCall& call);
StepDone retire_do(HostCall& call);

}  // namespace berth::hypervisor
