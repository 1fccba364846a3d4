// SPDX-License-Identifier: GPL-2.0-or-later
// The host's parts of provisioning a server, in berth-hypervisor. Each takes
// {site, server, job, image} and the arguments listed here:
//
//   provision-check   refuses what could not be created, and changes nothing;
//                     its note is {path, format, capacity} of the image and the
//                     disk
//   provision-disk    {path, format, capacity}: creates the volume, backed by
//                     the image
//   provision-seed    {file, bytes}: creates the seed's volume and uploads it
//   provision-define  {mac}: defines the domain, with Berth's metadata
//   provision-start   starts it
//   provision-tidy    ejects the seed for good and removes it, because it
//                     contains the guest's private host key
//   provision-clean   removes the domain and the volumes that this very job
//                     created, as far as they exist. A domain of that name that
//                     somebody else defined is left alone
//
// A call that libvirt has accepted continues when this process is killed. Any
// later worker of the job therefore begins with provision-clean. Probing the
// emulator is the one call that can take long the first time: provision-check
// makes it, and provision-clean waits for it.
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

// Removes a definition and everything that libvirt keeps with it.
void undefine(const Hypervisor& host, virDomainPtr domain);

}  // namespace berth::hypervisor
