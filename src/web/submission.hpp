// SPDX-License-Identifier: GPL-2.0-or-later
// A change, from the validated request to the reply: one drop, then berthd's
// receipt. Everything that changes goes this way.
//
//   same Idempotency-Key before   the first answer again; 409 when it asked
//                                 for something else
//   berthd is not running         a job of a kind that may wait (model/
//                                 job_kind.hpp): 202 and a drop; else 503, no
//                                 drop
//   20 of the user's undecided    429, no drop (web/undecided.hpp)
//   receipt within two seconds    its status, detail and extra
//   none, or all places to wait taken    202 and where to look: drops/TOKEN
//
// The reply to an accepted one has token, detail, server, job and the
// receipt's extra (hold); a refused one is a problem with its status, detail
// and extra (holder, until, free, ...). Whether a change is possible berthd
// alone decides, also what the published state would tell: so there is one
// answer, in one wording, and none that was true a moment ago.
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
