// SPDX-License-Identifier: GPL-2.0-or-later
// A spare: a copy of a generation made in advance, so that a build only has to
// claim it (claim.hpp) and swap it in. It is made while nobody else copies: the
// job asks for copies:CLUSTER like any copy, and is requeued when berthd
// reports that a build needs it ({"yield":true}); the unfinished copy is then
// discarded.
//
// berthd selects the generation. The job counts the spares of the cluster and
// of the application again, and creates none beyond the limits: it then
// succeeds with committed false.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void spare_job(const Context& context, Journal& journal,
               const Attempt& attempt);

}  // namespace berth::worker
