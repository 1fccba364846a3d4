// SPDX-License-Identifier: GPL-2.0-or-later
// The host's parts of making a server, in berth-hypervisor. Each is given
// {site, server, job, image} and what is told beside it:
//
//   provision-check   refuses what could not be made, and changes nothing; its
//                     note: {path, format, capacity} of the image and the disk
//   provision-disk    {path, format, capacity}: the volume over the image
//   provision-seed    {file}: the seed's volume, and its bytes
//   provision-define  {mac}: the domain, by name and with our metadata
//   provision-start
//   provision-tidy    takes the seed out of the drive, for good, and removes
//                     it: it holds the guest's private host key
//   provision-clean   removes the domain and the volumes of this very job,
//                     whatever of them there is. A name that somebody else has
//                     is left alone
//
// A call that libvirt was given goes on there when this process is killed, so
// provision-clean is what any later worker of the job begins with. The one call
// that takes long when it is the first, what the emulator can, is made by
// provision-check, and waited for by provision-clean.
#pragma once

#include "hypervisor/host_steps.hpp"

namespace berth::hypervisor {

StepDone provision_check(HostCall& call);
StepDone provision_disk(HostCall& call);
StepDone provision_seed(HostCall& call);
StepDone provision_define(HostCall& call);
StepDone provision_start(HostCall& call);
StepDone provision_tidy(HostCall& call);
StepDone provision_clean(HostCall& call);

// Removes a definition with all that libvirt keeps beside it.
void undefine(const Hypervisor& host, virDomainPtr domain);

}  // namespace berth::hypervisor
