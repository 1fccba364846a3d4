// SPDX-License-Identifier: GPL-2.0-or-later
// Limits how long one request may occupy this process, in all reads and writes
// of its connection: then the connection is shut down, so that each of them
// fails at once and the process is free for the next request. Apache takes
// bodies and replies faster than that whatever its client does (apache/*.conf);
// this is for another client of the socket, for a reply larger than Apache's
// buffer, and for an Apache without mod_buffer.
//
//   const RequestDeadline deadline(request.ipcFd, 20);
//   ... answer, and close the connection, before it ends
//
// Only one may exist at a time, because it uses the process's alarm(2).
// Rejected: SO_RCVTIMEO and SO_SNDTIMEO, because they start anew with each
// byte.
#pragma once

namespace berth::web {

class RequestDeadline {
 public:
  RequestDeadline(int fd, unsigned seconds);
  ~RequestDeadline();
  RequestDeadline(const RequestDeadline&) = delete;
  RequestDeadline& operator=(const RequestDeadline&) = delete;

  bool passed() const;
};

}  // namespace berth::web
