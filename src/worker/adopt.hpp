// SPDX-License-Identifier: GPL-2.0-or-later
// Adopt: a database that predates Berth becomes a server's live database. It
// is shown first (owner, size, sessions), and marked only when the job names
// the OID that was shown.
#pragma once

#include "worker/context.hpp"
#include "worker/journal.hpp"

namespace berth::worker {

void adopt_job(const Context& context, Journal& journal, bool resumed);

}  // namespace berth::worker
