// SPDX-License-Identifier: GPL-2.0-or-later
// A preview: what a build with these arguments would put on a server, beside
// what is there. Preflight is the build's own, so it is refused for what would
// refuse the build; it renders, reads the same files on the guest, and writes
// the comparison to log/N.preview.json (store/preview.hpp), masked. Nothing is
// staged, nothing on the guest or the cluster changes, and no claim is held: a
// build may switch meanwhile, and the preview then says which.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void preview_job(const Context& context, Journal& journal,
                 const Attempt& attempt);

}  // namespace berth::worker
