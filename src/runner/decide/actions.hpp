// SPDX-License-Identifier: GPL-2.0-or-later
// The table of the actions that a drop can request, one row an action, each
// with the function that decides it. The flags of an action that starts a job
// are those of the job's kind (model/job_kind.hpp).
#pragma once

#include <string_view>

#include "model/job_kind.hpp"
#include "runner/decide/request.hpp"

namespace berth::runner {

struct Action {
  std::string_view name;
  Receipt (*decide)(Request request, const NextNumber& number);
  bool only_root = false;  // only from root's folder
  bool ages = false;       // refused if older than kTooLate
  bool adds_work = true;   // false: no limit applies to it
};

// For an unknown action: one without a name, which is refused.
const Action& find_action(std::string_view name);

}  // namespace berth::runner
