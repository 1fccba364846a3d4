// SPDX-License-Identifier: GPL-2.0-or-later
// A library to be preloaded into a berth-worker: it counts the messages that
// the worker sends to the cluster and dies with -9 at one of them. strace can
// kill on the way into a call, but its count of recvfrom differs from run to
// run, and it sees no statement's text.
//
//   KILL_IN=job|database|...   in which process: the worker's first word, or
//                              the step of a child step
//   KILL_AT=N                  the N-th message, from 1; 0: never
//   KILL_FROM=TEXT             counted from the first that contains TEXT,
//                              because no two runs send as many before it
//   KILL_WHEN=before|sent|answered   nothing of it is sent; it is sent and
//                              nobody waits for the answer; the answer's first
//                              bytes are here and are never looked at
//   KILL_SIGNAL=STOP           it stops there instead, and goes on when told
//   KILL_ALONE=1               a child step dies without its worker
//   KILL_TRACE=FILE            a line for each message: WORD N FIRST-WORDS
//
// Messages to the cluster are what goes to a TCP socket or to one named as
// PostgreSQL's are. pg_restore, ssh and the like are let alone.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

// "job" of `berth-worker job FILE`, "database" of `... step database FILE`;
// empty in any other program.
std::string own_word() {
  char text[4096];
  const int fd = ::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  const ssize_t size = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  std::string words[6];
  int count = 0;
  for (ssize_t at = 0; at < size && count < 6; ++count) {
    words[count] = text + at;
    at += static_cast<ssize_t>(words[count].size()) + 1;
  }
  int first = 1;
  if (words[1] == "--config") first = 3;
  if (words[0] == "/proc/self/exe" && words[first] == "step") {
    return words[first + 1];
  }
  return words[0].ends_with("/berth-worker") ? words[first] : "";
}

bool to_cluster(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return false;
  }
  if (address.ss_family != AF_UNIX) return true;
  return std::strstr(reinterpret_cast<sockaddr_un*>(&address)->sun_path,
                     ".s.PGSQL.") != nullptr;
}

// The words of a Parse message: 'P', length, a name, the statement.
std::string statement(const void* data, size_t size) {
  const std::string text(static_cast<const char*>(data), size);
  if (size < 7 || text[0] != 'P') return text[0] == 'X' ? "(end)" : "(login)";
  const auto from = text.find('\0', 5) + 1;
  std::string out = text.substr(from, 60);
  out = out.substr(0, out.find('\0'));
  for (char& c : out) {
    if (c == '\n') c = ' ';
  }
  return out;
}

struct Killer {
  std::string word = own_word();
  std::string when = variable("KILL_WHEN");
  bool here = !word.empty() && word == variable("KILL_IN");
  long at = std::atol(variable("KILL_AT").c_str());
  std::string from = variable("KILL_FROM");
  long count = 0;
  int waits = -1;  // the socket whose answer is the last thing seen
  int trace = ::open(variable("KILL_TRACE").c_str(),
                     O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

  void note(const void* data, size_t size) {
    if (!from.empty() && count == 0 &&
        std::string(static_cast<const char*>(data), size).find(from) ==
            std::string::npos) {
      return;
    }
    ++count;
    if (trace < 0 || word.empty()) return;
    const std::string line = word + " " + std::to_string(count) + " " +
                             statement(data, size) + "\n";
    if (::write(trace, line.data(), line.size()) < 0) ::_exit(99);
  }
  bool is(const char* instant) const {
    return here && count == at && when == instant;
  }
  void die() const {
    if (variable("KILL_SIGNAL") == "STOP") {
      ::raise(SIGSTOP);
      return;
    }
    if (word != "job" && variable("KILL_ALONE").empty() &&
        variable("KILL_IN") != "tidy") {
      ::kill(::getppid(), SIGKILL);
    }
    ::kill(::getpid(), SIGKILL);
    ::_exit(98);
  }
};

Killer& killer() {
  static Killer instance;
  return instance;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" ssize_t send(int fd, const void* data, size_t size, int flags) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, int)>(
      "send");
  if (!to_cluster(fd)) return real(fd, data, size, flags);
  killer().note(data, size);
  if (killer().is("before")) killer().die();
  const ssize_t sent = real(fd, data, size, flags);
  if (killer().is("sent")) killer().die();
  if (killer().is("answered")) killer().waits = fd;
  return sent;
}

extern "C" ssize_t recv(int fd, void* data, size_t size, int flags) {
  static const auto real = next<ssize_t (*)(int, void*, size_t, int)>("recv");
  const ssize_t got = real(fd, data, size, flags);
  if (fd == killer().waits && got >= 0) {
    killer().waits = -1;
    killer().die();
  }
  return got;
}
