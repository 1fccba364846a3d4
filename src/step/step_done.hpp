// SPDX-License-Identifier: GPL-2.0-or-later
// The result of a step that succeeded.
#pragma once

#include <string>

#include "base/json.hpp"

namespace berth {

struct StepDone {
  std::string message;  // a line for people
  json::value note;     // for recovery; null when there is none
};

}  // namespace berth
