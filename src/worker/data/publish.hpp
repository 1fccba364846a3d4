// SPDX-License-Identifier: GPL-2.0-or-later
// A publish job: an existing database becomes a base generation of its
// application. It is renamed to berth_SITE8_b_APP_GEN, closed to all
// connections, and marked, in one transaction. Nothing is copied, so it needs
// no disk space and no time. The old name is free afterwards, which is logged.
//
// A copy was rejected: the admin would have to drop the original manually to
// free its disk space, because Berth cannot know whether it may. Refused are
// databases with sessions or prepared transactions (a base must not be changed
// any more), with any marker, that are live by berth.conf, that are templates,
// or that are not owned by the application's owner.
//
// Before that, VACUUM (FREEZE) and ANALYZE run over a connection to the
// database itself, so that every copy has statistics and reading it writes
// nothing.
#pragma once

#include "worker/cluster/cluster.hpp"
#include "worker/job/attempt.hpp"
#include "worker/job/context.hpp"
#include "worker/job/journal.hpp"
#include "worker/job/private_log.hpp"

namespace berth::worker {

// For a job that an earlier worker began, the base's marker shows whether that
// worker committed.
void publish_job(const Context& context, Journal& journal,
                 const Attempt& attempt);

// Publishes the database and returns the base's name. Throws Error if it is
// refused.
std::string publish(Cluster& cluster, const Config& config,
                    const ApplicationConfig& application,
                    const std::string& database,
                    std::optional<Instant> data_at, std::int64_t job,
                    Report& report, PrivateLog& in_full, Deadline deadline);

}  // namespace berth::worker
