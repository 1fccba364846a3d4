// SPDX-License-Identifier: GPL-2.0-or-later
// The job `provision`: creates a new server from an image in the steps check,
// disk, seed, define, start, enrol, tidy. The commit point is the first answer
// of the guest through its forced command (the end of `enrol`, durable). If the
// job ends before it - by a failure, a cancel, or a kill at any moment - all
// that it created is removed, and only objects that are marked with this site
// and this job are. After it, `tidy` tries to remove the seed until it has
// succeeded.
//
//   a worker that finds the job begun     removes what exists of it, and
//                                         requeues the job (or ends it:
//                                         cancelled, or as the failed step)
//   the host becomes unreachable          unsettled: berthd tries again
//
// The host key is in lib/known_hosts/SERVER before the domain is defined, so
// that every connection to it is checked strictly.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void provision_job(const Context& context, Journal& journal,
                   const Attempt& attempt);

}  // namespace berth::worker
