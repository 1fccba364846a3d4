// SPDX-License-Identifier: GPL-2.0-or-later
// Selects the bases and spares to remove. Of each application on the cluster,
// the newest `generations` bases are kept, and any that a job names; and
// `spares` spares of the newest base. Spares of older generations serve no
// build any more, but are removed only when the newest base has all of its own
// - or one at a time, when the cluster's limit or its disk leaves no space to
// make these first.
#pragma once

#include <string>
#include <vector>

#include "worker/tidy/tidy_plan.hpp"

namespace berth::worker {

struct Ready {
  std::vector<Database> bases, spares;  // valid, and used by no job
};

std::vector<Deed> retired(const Ready& ready, const TidyFacts& facts);

}  // namespace berth::worker
