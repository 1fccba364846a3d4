// SPDX-License-Identifier: GPL-2.0-or-later
// How long one request may keep this process, all reads and writes of its
// connection together: then the connection is shut down, so that each of them
// fails at once and the process is free for the next request. Apache takes
// bodies and replies quicker than that whatever its client does
// (apache/*.conf); this is for who connects in its place, for a reply that is
// larger than what Apache holds, and for an Apache without mod_buffer.
//
//   const RequestDeadline deadline(request.ipcFd, 20);
//   ... answer, and close the connection, before it ends
//
// One at a time, because it is the process's alarm(2). (Rejected: SO_RCVTIMEO
// and SO_SNDTIMEO. They begin anew with each byte.)
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
