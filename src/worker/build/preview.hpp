// SPDX-License-Identifier: GPL-2.0-or-later
// A preview: compares the files that a build with these arguments would install
// with the server's current files. It uses the build's own preflight, so it is
// refused for the same reasons as the build; it renders, reads the same files
// on the guest, and writes the masked comparison to log/N.preview.json
// (store/preview.hpp). Nothing is staged, nothing on the guest or the cluster
// changes, and no claim is held: if a build is switching at the same time, the
// preview names it.
#pragma once

#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

void preview_job(const Context& context, Journal& journal,
                 const Attempt& attempt);

}  // namespace berth::worker
