// SPDX-License-Identifier: GPL-2.0-or-later
// A job as GET /jobs/N shows it. berthd publishes a few times a second, so a
// job that was just accepted may be in queue/ or active/ and not yet in state/:
// it is then shown from there, as queued.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "web/console.hpp"

namespace berth::web {

// nullopt if there is no such job, or if it ended long ago.
std::optional<json::object> find_job(const Console& console,
                                     const std::string& id);
// The same; throws Problem 404 instead.
json::object job_view(const Console& console, const std::string& id);

// Whether the job's state is final.
bool has_ended(const json::object& job);

}  // namespace berth::web
