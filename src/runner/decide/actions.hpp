// SPDX-License-Identifier: GPL-2.0-or-later
// What a drop can ask for: one row an action, with the function that decides
// it. Those that ask for a job have their flags from its kind's row
// (model/job_kind.hpp).
#pragma once

#include <string_view>

#include "model/job_kind.hpp"
#include "runner/decide/request.hpp"

namespace berth::runner {

struct Action {
  std::string_view name;
  Receipt (*decide)(Request request, const NextNumber& number);
  bool only_root = false;  // accepted from root's folder only
  bool ages = false;       // refused when it is older than kTooLate
  bool adds_work = true;   // else it gives something up: no bound holds for it
};

// For what is none, an action without a name that is refused.
const Action& find_action(std::string_view name);

}  // namespace berth::runner
