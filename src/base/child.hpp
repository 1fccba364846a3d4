// SPDX-License-Identifier: GPL-2.0-or-later
// A child process, started from an argument vector, never from a shell string.
// It leads a process group of its own, has SIGKILL as its parent-death signal
// (and checks that its parent still lives once that is set), no blocked
// signals, no open descriptors but those named here, and stdin from /dev/null
// unless one is given. terminate() sends TERM to the group, kill() KILL. The
// destructor kills the group and reaps, so a child never outlives its object.
//
// A child with another account also has a session of its own, so that it has no
// terminal that it could type into (TIOCSTI), and /dev/null for every stream
// that is not given: a less trusted account must not use the administrator's
// terminal.
//
//   Child child = Child::start({"tar", "-x"}, options);
//   const auto status = child.wait(5000);     // or poll() on child.pidfd()
//   if (!status) child.stop(2000);            // TERM, 2 s, KILL
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/confine.hpp"
#include "base/fd.hpp"

namespace berth {

// The account that a child takes on for good: group, groups and user, in this
// order.
struct Account {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  std::string name;
  std::string home;
};
// nullopt: this machine has no such account.
std::optional<Account> find_account(const std::string& name);

struct ChildOptions {
  int stdin_fd = -1;   // -1: /dev/null
  int stdout_fd = -1;  // -1: the parent's; with an account, /dev/null
  int stderr_fd = -1;  // -1: the parent's; with an account, /dev/null
  // Descriptors that the child gets under the given number: {{3, socket}}.
  std::map<int, int> pass;
  // Descriptors that stay open under their own number, such as a job's lock.
  std::vector<int> keep;
  // Replaces the whole environment if not empty ("NAME=value").
  std::vector<std::string> environment;
  // Requires a parent that is root; unset: the parent's account.
  std::optional<Account> account;
  // Must be set for every program that reads data from others; unset: the child
  // may do what we may. A confined child has no descriptors but those named
  // above.
  std::optional<Confinement> confinement;
};

struct ExitStatus {
  int code = -1;    // exit code; -1 if killed by a signal
  int signal = 0;
  bool ok() const { return code == 0; }
  std::string text() const;  // "exit code 3", "killed by signal 9"
};

class Child {
 public:
  // argv[0] without a slash is searched in PATH. If the program cannot be
  // started, this throws, in the parent.
  static Child start(const std::vector<std::string>& argv,
                     const ChildOptions& options = {});
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;
  ~Child();

  pid_t pid() const { return pid_; }
  // Becomes readable when the child has ended; for poll().
  int pidfd() const { return pidfd_.get(); }
  std::optional<ExitStatus> poll_exit();
  // Waits at most that long; nullopt if the child still runs.
  std::optional<ExitStatus> wait(std::int64_t timeout_ms);
  void terminate() const;
  void kill() const;
  // TERM, `grace_ms`, KILL, reap.
  ExitStatus stop(std::int64_t grace_ms);

 private:
  Child(pid_t pid, Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  void signal_group(int signal) const;
  pid_t pid_ = -1;
  Fd pidfd_;
  std::optional<ExitStatus> status_;
};

struct Pipe {
  Fd read;
  Fd write;
};
Pipe make_pipe();  // both O_CLOEXEC

// A child whose standard output and standard error are read as they come, until
// both have ended:
//
//   ChildOutput output(argv, options);
//   while (output.open()) {
//     std::vector<pollfd> fds = output.fds();
//     ::poll(fds.data(), fds.size(), timeout);
//     output.read(fds, [&](bool error, std::string_view bytes) { ... });
//   }
//
// Never waits: that, the deadline and what ends it early are the caller's.
class ChildOutput {
  Fd out_, err_;  // before the child, which is stopped first

 public:
  ChildOutput(const std::vector<std::string>& argv, ChildOptions options);
  Child child;
  bool open() const { return out_ || err_; }
  bool out_open() const { return static_cast<bool>(out_); }
  std::vector<pollfd> fds() const;  // of those that are open
  // Reads once from each that is ready. `take` gets what came, of standard
  // error with true; nothing at its end.
  template <class Take>
  void read(const std::vector<pollfd>& ready, Take take) {
    std::array<char, 16 * 1024> buffer;
    for (const pollfd& one : ready) {
      if (one.revents == 0) continue;
      const bool error = !out_ || one.fd != out_.get();
      take(error, read_once(error ? err_ : out_, buffer));
    }
  }

 private:
  // Empty at the end, where it closes `from`.
  static std::string_view read_once(Fd& from,
                                    std::array<char, 16 * 1024>& into);
};

// Appends what fits into `cap` bytes. What does not fit is dropped, so that a
// child never stalls on a full pipe.
void append_up_to(std::size_t cap, std::string_view bytes, std::string& into);

struct RunResult {
  ExitStatus status;
  std::string out;       // stdout, cut at the cap
  std::string err;       // stderr, cut at the cap
  bool timed_out = false;
};
// Runs a child to its end or the deadline (then TERM, 2 s, KILL), and reads
// both streams.
RunResult run(const std::vector<std::string>& argv, std::int64_t timeout_ms,
              std::size_t cap = 1 << 20, const ChildOptions& options = {});

// The start time of a process in clock ticks since boot (/proc/PID/stat, field
// 22); pid and start time identify a process. nullopt: no such process.
std::optional<std::int64_t> process_start_time(pid_t pid);

}  // namespace berth
