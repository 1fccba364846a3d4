// SPDX-License-Identifier: GPL-2.0-or-later
// Which bases and spares are old. Of each application on the cluster the
// newest `generations` bases stay, and any that a job names; `spares` spares
// of the newest stay. Those of older generations serve no build any more, but
// go only when the newest has all of its own - or one at a time, when the
// cluster's cap or its disk leaves no room to make them first.
#pragma once

#include <string>
#include <vector>

#include "worker/tidy/tidy_plan.hpp"

namespace berth::worker {

struct Ready {
  std::vector<Database> bases, spares;  // valid, and nobody's yet
};

std::vector<Deed> retired(const Ready& ready, const TidyFacts& facts);

}  // namespace berth::worker
