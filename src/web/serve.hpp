// SPDX-License-Identifier: GPL-2.0-or-later
// The request loop, and the only file that knows FastCGI. TERM and USR1 have
// handlers without SA_RESTART: an idle process stops waiting for the next
// request; during a request they take effect after it. mod_fcgid gives a
// process one request at a time, so one loop is enough. A request has 20
// seconds in all (request_deadline.hpp), preceded by two for its variables from
// when its connection is accepted.
#pragma once

namespace berth::web {

bool started_as_cgi();
// Runs until TERM, or until the listening socket fails; returns the exit
// status.
int serve();
// Answers one request from the environment and stdin.
int serve_once();

}  // namespace berth::web
