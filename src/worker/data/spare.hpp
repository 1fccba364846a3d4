// SPDX-License-Identifier: GPL-2.0-or-later
// A spare: a copy of a generation made ahead, so that a build only has to
// claim it (claim.hpp) and swap it in. Made while nobody else copies: it asks
// for copies:CLUSTER like any copy, and is put back when berthd says that a
// build wants to ({"yield":true}); what was copied by then is thrown away.
//
// berthd says which generation; how many there are by now, on this cluster and
// of this application, is looked at again, and one too many is not made: then
// the job succeeds with committed false.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void spare_job(const Context& context, Journal& journal,
               const Attempt& attempt);

}  // namespace berth::worker
