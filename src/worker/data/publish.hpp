// SPDX-License-Identifier: GPL-2.0-or-later
// A publish job: an existing database becomes a base generation of its
// application. It is renamed to berth_SITE8_b_APP_GEN, closed to all
// connections, and marked, in one transaction; nothing is copied, so
// it costs no disk and no time. Its old name is free then, which the log says.
//
// A copy was rejected: the admin would have to drop the original by hand to
// get its disk back, and Berth cannot know that it may. Refused are databases
// with sessions or prepared transactions (a base must be what was restored, not
// what somebody still changes), with any marker, that are live by berth.conf,
// templates, or not owned by the application's owner.
//
// Before that, over a connection to the database itself, VACUUM (FREEZE) and
// ANALYZE: then every copy has statistics, and reading it writes nothing.
#pragma once

#include "worker/cluster/cluster.hpp"
#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

// Of one that an earlier worker began the base's marker tells whether that one
// got through.
void publish_job(const Context& context, Journal& journal,
                 const Attempt& attempt);

// The act itself. Returns the base's name. Throws Error for what is refused.
std::string publish(Cluster& cluster, const Config& config,
                    const ApplicationConfig& application,
                    const std::string& database,
                    std::optional<Instant> data_at, std::int64_t job,
                    Report& report, PrivateLog& in_full, Deadline deadline);

}  // namespace berth::worker
