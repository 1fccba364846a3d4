// SPDX-License-Identifier: GPL-2.0-or-later
// The job `provision`: a new server from an image. check, disk, seed, define,
// start, enrol, tidy. Nothing of it is anybody's before the guest has answered
// through its forced command, which is the commit point (the end of `enrol`,
// durable): what ends before it - a failure, a cancel, a kill at any instant -
// is removed again, and only what carries this site and this job is. After it,
// `tidy` removes the seed, and goes on until it is removed.
//
//   a worker that finds the job begun     removes what there is of it, and puts
//                                         it back (or ends it: cancelled, or
//                                         as the failed step said)
//   the host away meanwhile               unsettled: asked again by berthd
//
// Before the domain is defined its host key is in lib/known_hosts/SERVER, so no
// connection to it is ever made that is not checked strictly.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void provision_job(const Context& context, Journal& journal,
                   const Attempt& attempt);

}  // namespace berth::worker
