// SPDX-License-Identifier: GPL-2.0-or-later
// How a job can end other than by returning or by failing a step with a plain
// Error. Only the code that ends a job or settles it (run_job, switch_job, act,
// provision and their likes) turns these into an outcome; any other code that
// catches one must throw it again.
#pragma once

#include "base/error.hpp"

namespace berth {

// A user cancelled the job, or berthd is stopping and will requeue it.
struct Interrupted {
  enum class Why { cancel, stop };
  Why why = Why::cancel;
};

// The guest or the cluster is unreachable, or the connection broke. What
// happened there is unknown until it is reachable again.
class Away : public Error {
 public:
  using Error::Error;
};

// The server itself is at fault, so another server may do. Thrown only where
// that is known; a plain Error may be the fault of the job or of the console.
class UnfitServer : public Error {
 public:
  using Error::Error;
};

// The job is neither committed nor undone, and the cluster or guest that knows
// cannot be asked now. The worker exits with status 75, the job stays in
// active/ and berthd tries again later.
class Unsettled : public Error {
 public:
  using Error::Error;
};

inline constexpr int kExitUnsettled = 75;  // EX_TEMPFAIL

}  // namespace berth
