// SPDX-License-Identifier: GPL-2.0-or-later
// Where a job is, and how it ended: enumerators in the programs, texts in files
// and in the API. There a job has one member `state` for both: that of a job
// which is not done, then its outcome.
#pragma once

#include <optional>
#include <string_view>

namespace berth {

// Of a job that is in queue/ or active/. `unsettled`: its last worker could not
// find out what became of it, or died.
enum class JobState { queued, running, unsettled };

// What a worker's last record says. `requeue` is no end: the job goes back to
// the queue.
enum class Outcome { succeeded, failed, cancelled, requeue };

const char* to_text(JobState state);
const char* to_text(Outcome outcome);
// nullopt for what is none.
std::optional<Outcome> outcome_from_text(std::string_view text);

// All that `state` can be in the API.
bool is_job_state(std::string_view text);
// Whether it is the state of a job that is done.
bool is_end(std::string_view state);

}  // namespace berth
