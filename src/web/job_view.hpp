// SPDX-License-Identifier: GPL-2.0-or-later
// One job as GET /jobs/N shows it. berthd publishes a few times a second, so
// a job that has just been accepted may lie in queue/ or active/ and not yet
// in state/: it is shown from there, as queued.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "web/console.hpp"

namespace berth::web {

// nullopt when there is no such job, or it ended long ago.
std::optional<json::object> find_job(const Console& console,
                                     const std::string& id);
// Problem 404 then.
json::object job_view(const Console& console, const std::string& id);

// "queued", "running", ...: whether nothing more will happen.
bool has_ended(const json::object& job);

}  // namespace berth::web
