// SPDX-License-Identifier: GPL-2.0-or-later
// Submits a change: from the validated request it writes one drop and makes the
// reply of berthd's receipt. Every change uses it.
//
//   Idempotency-Key used before   the first answer again; 409 if the request
//                                 differs
//   berthd is not running         a job of a kind that may wait (model/
//                                 job_kind.hpp): 202 and a drop; else 503, no
//                                 drop
//   20 undecided of the user      429, no drop (web/undecided.hpp)
//   receipt within two seconds    its status, detail and extra
//   no receipt in time, or too    202 with the Location of the decision,
//   many clients already wait     drops/TOKEN
//
// The reply to an accepted change has token, detail, server, job and the
// receipt's extra (hold); a refusal is a problem with its status, detail and
// extra (holder, until, free, ...). berthd alone decides whether a change is
// possible, even where the published state would tell: so there is one answer
// in one wording, and none from a state that is out of date.
#pragma once

#include <string>

#include "base/json.hpp"
#include "web/console.hpp"
#include "web/reply.hpp"
#include "web/request.hpp"

namespace berth::web {

struct Change {
  std::string action;  // store/drop.hpp
  std::string target;
  json::object arguments;
};

Reply submit(const Request& request, Console& console, const Change& change);

}  // namespace berth::web
