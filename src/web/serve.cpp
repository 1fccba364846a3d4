// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/serve.hpp"

#include <fcgiapp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "web/answer.hpp"
#include "web/request_deadline.hpp"

namespace berth::web {
namespace {

// More than any request needs, less than Apache's own timeouts (30 s in
// apache/*).
constexpr unsigned kMostSeconds = 20;
// Apache sends the variables of a request as soon as it has connected.
constexpr unsigned kMostSecondsToHead = 2;

volatile sig_atomic_t end_requested = 0;

extern "C" void end_after_this_request(int) { end_requested = 1; }

// These replace libfcgi's handlers, which do the same for its own accept(2).
// Without SA_RESTART, so that they interrupt ours.
void end_on_signals() {
  struct sigaction action {};
  action.sa_handler = end_after_this_request;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGUSR1, &action, nullptr);
}

// Waits for the next request; returns false when a signal or an error of the
// listening socket ends the loop. FCGX_Accept_r() would accept a connection and
// read the request's variables in one step, without a time limit. Given a
// connection to keep, it only reads; and without a socket to listen on (serve()
// gives it none) it fails if the connection has no request, and does not accept
// another one.
bool next_request(FCGX_Request& request) {
  while (!end_requested) {
    const int fd = ::accept4(0, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0 && (errno == ECONNABORTED || errno == EINTR)) continue;
    if (fd < 0) return false;
    const RequestDeadline deadline(fd, kMostSecondsToHead);
    request.ipcFd = fd;
    request.keepConnection = 1;
    if (FCGX_Accept_r(&request) == 0) return true;
  }
  return false;
}

// Apache adds the client and the time in its error log.
void log_to(FCGX_Stream* stream, const std::string& line) {
  const std::string text = "berth.fcgi: " + printable(line, 2000) + "\n";
  FCGX_PutStr(text.data(), static_cast<int>(text.size()), stream);
}

void serve_request(Answerer& answerer, FCGX_Request& request) {
  answerer.answer(
      [&request](const char* name) {
        return FCGX_GetParam(name, request.envp);
      },
      [&request](char* data, std::size_t size) -> std::size_t {
        const int n = FCGX_GetStr(data, static_cast<int>(size), request.in);
        return n > 0 ? static_cast<std::size_t>(n) : 0;
      },
      [&request](std::string_view head, std::string_view body) {
        // No reply is larger than INT_MAX: state files are limited to far less.
        if (body.size() > INT_MAX) return;
        FCGX_PutStr(head.data(), static_cast<int>(head.size()), request.out);
        FCGX_PutStr(body.data(), static_cast<int>(body.size()), request.out);
      },
      [&request](const std::string& line) { log_to(request.err, line); });
}

// Reads the rest of the body: closing a connection with unread bytes resets it,
// and the other side may not have read the reply yet.
void read_to_end(FCGX_Stream* in) {
  constexpr int kMostPieces = 256;
  char unused[8192];
  for (int i = 0; i < kMostPieces; ++i) {
    if (FCGX_GetStr(unused, sizeof unused, in) <= 0) return;
  }
}

// FCGX_Finish_r() would wait up to two seconds for Apache to close the
// connection, which Apache does when its client has read the reply;
// FCGX_Detach() makes it close at once. When this returns, the reply is in the
// socket, and Apache reads it later.
void finish(FCGX_Request& request) {
  read_to_end(request.in);
  // One request per connection, whatever the client requested.
  request.keepConnection = 0;
  FCGX_Detach(&request);
  FCGX_Finish_r(&request);
}

}  // namespace

bool started_as_cgi() { return FCGX_IsCGI() != 0; }

int serve() {
  if (FCGX_Init() != 0) throw Error("start", "FastCGI", "FCGX_Init failed");
  FCGX_Request request;
  if (FCGX_InitRequest(&request, -1, 0) != 0) {
    throw Error("start", "FastCGI", "FCGX_InitRequest failed");
  }
  end_on_signals();
  Answerer answerer;
  answerer.prepare([](const std::string& line) { log_error(line); });
  while (next_request(request)) {
    const RequestDeadline deadline(request.ipcFd, kMostSeconds);
    serve_request(answerer, request);
    finish(request);
    if (deadline.passed()) {
      log_error("aborted a request after " + std::to_string(kMostSeconds) +
                " s: its body was not sent, or its reply not read, in that "
                "time");
    }
  }
  FCGX_Free(&request, 1);
  return end_requested ? 0 : 1;
}

int serve_once() {
  Answerer answerer;
  answerer.answer(
      [](const char* name) { return ::getenv(name); },
      [](char* data, std::size_t size) -> std::size_t {
        while (true) {
          const ssize_t n = ::read(0, data, size);
          if (n >= 0) return static_cast<std::size_t>(n);
          if (errno != EINTR) return 0;
        }
      },
      [](std::string_view head, std::string_view body) {
        // In one write: half a reply is worse than none.
        write_all(1, std::string(head).append(body), "stdout");
      },
      [](const std::string& line) { log_error(line); });
  return 0;
}

}  // namespace berth::web
