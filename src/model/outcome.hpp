// SPDX-License-Identifier: GPL-2.0-or-later
// The state of a job and its outcome: enumerators in the programs, texts in
// files and in the API. In the API one member `state` has both: the state of a
// job that has not ended, then its outcome.
#pragma once

#include <optional>
#include <string_view>

namespace berth {

// Of a job in queue/ or active/. `unsettled`: its last worker could not
// determine its result, or crashed.
enum class JobState { queued, running, unsettled };

// The outcome in a worker's last record. `requeue` is not an end: the job
// returns to the queue.
enum class Outcome { succeeded, failed, cancelled, requeue };

const char* to_text(JobState state);
const char* to_text(Outcome outcome);
// nullopt for an unknown text.
std::optional<Outcome> outcome_from_text(std::string_view text);

// Whether the text is a valid `state` in the API.
bool is_job_state(std::string_view text);
// Whether it is the state of a job that has ended.
bool is_end(std::string_view state);

}  // namespace berth
