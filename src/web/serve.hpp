// SPDX-License-Identifier: GPL-2.0-or-later
// The loop, and the only file that knows FastCGI. TERM and USR1 have handlers
// without SA_RESTART: idle, they end the wait for the next request; within one,
// the request is finished first. mod_fcgid gives a process one request at a
// time, so one loop is all there is. A request has 20 seconds in all
// (request_deadline.hpp), and before those two for its variables, from when its
// connection is accepted.
#pragma once

namespace berth::web {

bool started_as_cgi();
// Until TERM, or until the listening socket fails. The exit status.
int serve();
// One request from the environment and stdin.
int serve_once();

}  // namespace berth::web
