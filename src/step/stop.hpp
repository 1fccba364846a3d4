// SPDX-License-Identifier: GPL-2.0-or-later
// The ways a job leaves its straight path, beside a plain Error (which
// fails the step). Caught in one place: the job (build.cpp, publish.cpp), and
// by who must tell a server or a guest before passing it on.
#pragma once

#include "base/error.hpp"

namespace berth {

// A person cancelled, or berthd is going down and wants the job back.
struct Interrupted {
  enum class Why { cancel, stop };
  Why why = Why::cancel;
};

// The guest or the cluster did not answer, or went away in the middle: what
// happened there is unknown until it is back.
class Away : public Error {
 public:
  using Error::Error;
};

// What was found wrong is the server itself: another one may do. Thrown where
// that is known; a plain Error may be the job's or the console's fault.
class UnfitServer : public Error {
 public:
  using Error::Error;
};

// Neither done nor put back, and nobody to ask now. The worker exits 75, the
// job stays in active/ and berthd tries again later.
class Unsettled : public Error {
 public:
  using Error::Error;
};

inline constexpr int kExitUnsettled = 75;  // EX_TEMPFAIL

}  // namespace berth
