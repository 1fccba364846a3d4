// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/child.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace berth {
namespace {

// Runs between fork and exec: only async-signal-safe calls, no allocation.
// Writes errno to `report` if the exec fails.
[[noreturn]] void become(char* const* argv, char* const* env, pid_t parent,
                         const std::vector<std::pair<int, int>>& moves,
                         const std::vector<int>& open_at_end,
                         const Account* account, int ruleset,
                         const sock_fprog& filter,
                         const std::optional<std::int64_t>& largest_file,
                         int report) {
  const auto fail = [report] {
    const int error = errno;
    [[maybe_unused]] ssize_t n = ::write(report, &error, sizeof error);
    ::_exit(127);
  };
  // A session is a process group as well. setsid() fails only for the leader of
  // a group, which this process is not yet.
  if (account) {
    if (::setsid() < 0) fail();
  } else {
    ::setpgid(0, 0);
  }
  // The user last, because after it the others cannot be changed; before the
  // death signal, which a change of user clears.
  if (account) {
    if (::setgroups(account->groups.size(), account->groups.data()) != 0 ||
        ::setresgid(account->gid, account->gid, account->gid) != 0 ||
        ::setresuid(account->uid, account->uid, account->uid) != 0) {
      fail();
    }
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the prctl
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int s = 1; s < 32; ++s) ::sigaction(s, &plain, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // The limit of our own memory (bound_memory) must not apply to the program. A
  // core of a program that reads data from others would contain its password.
  rlimit limit{};
  if (::getrlimit(RLIMIT_DATA, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_DATA, &limit);
  }
  if (ruleset >= 0) {
    limit = {};
    ::setrlimit(RLIMIT_CORE, &limit);
  }
  if (largest_file) {
    plain.sa_handler = SIG_IGN;
    ::sigaction(SIGXFSZ, &plain, nullptr);
    limit.rlim_cur = limit.rlim_max = static_cast<rlim_t>(*largest_file);
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) fail();
  }
  for (const auto& [from, to] : moves) {
    if (::dup2(from, to) < 0) fail();
  }
  // Every descriptor is closed at exec except those given by number.
  ::syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  for (const int fd : open_at_end) ::fcntl(fd, F_SETFD, 0);
  // The last call before the exec, which the ruleset must allow.
  if (ruleset >= 0 &&
      (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
       ::syscall(SYS_landlock_restrict_self, ruleset, 0u) != 0 ||
       !take_on(filter))) {
    fail();
  }
  if (env) {
    ::execvpe(argv[0], argv, env);
  } else {
    ::execvp(argv[0], argv);
  }
  fail();
  ::_exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (const auto& s : strings) out.push_back(const_cast<char*>(s.c_str()));
  out.push_back(nullptr);
  return out;
}

ExitStatus decoded(int status) {
  ExitStatus out;
  if (WIFEXITED(status)) out.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
  return out;
}

// A copy far above every number that a child is given, so that no dup2 in the
// child can overwrite a source that another one still needs.
Fd raised(int fd) {
  Fd out(::fcntl(fd, F_DUPFD_CLOEXEC, 64));
  if (!out) throw_errno("duplicate", "descriptor");
  return out;
}

}  // namespace

std::optional<Account> find_account(const std::string& name) {
  const passwd* found = ::getpwnam(name.c_str());
  if (!found) return std::nullopt;
  Account account{found->pw_uid, found->pw_gid, {}, name, found->pw_dir};
  int count = 0;
  ::getgrouplist(name.c_str(), account.gid, nullptr, &count);
  account.groups.resize(static_cast<std::size_t>(std::max(count, 1)));
  count = static_cast<int>(account.groups.size());
  if (::getgrouplist(name.c_str(), account.gid, account.groups.data(),
                     &count) < 0) {
    throw Error("read the groups of", name, "they keep changing");
  }
  account.groups.resize(static_cast<std::size_t>(count));
  return account;
}

std::string ExitStatus::text() const {
  if (signal != 0) return "killed by signal " + std::to_string(signal);
  return "exit code " + std::to_string(code);
}

Child Child::start(const std::vector<std::string>& argv,
                   const ChildOptions& options) {
  if (argv.empty()) throw Error("start", "child", "no command given");
  Fd null;
  std::vector<Fd> copies;
  std::vector<std::pair<int, int>> moves;
  const auto move = [&](int from, int to) {
    copies.push_back(raised(from));
    moves.emplace_back(copies.back().get(), to);
  };
  if (options.stdin_fd < 0 || options.account) {
    null = Fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (!null) throw_errno("open", "/dev/null");
  }
  move(options.stdin_fd < 0 ? null.get() : options.stdin_fd, 0);
  // Another account gets no stream of ours that was not given to it: it could
  // be a terminal, and an open descriptor needs no permission.
  for (const auto& [given, to] :
       {std::pair(options.stdout_fd, 1), std::pair(options.stderr_fd, 2)}) {
    if (given >= 0) {
      move(given, to);
    } else if (options.account) {
      move(null.get(), to);
    }
  }
  std::vector<int> open_at_end = options.keep;
  for (const auto& [to, from] : options.pass) {
    move(from, to);
    open_at_end.push_back(to);
  }
  Fd ruleset;
  SystemCallFilter filter;
  if (options.confinement) {
    const Confinement& allowed = *options.confinement;
    ruleset = raised(make_ruleset(allowed).get());
    filter = make_filter(allowed.calls, !allowed.write.empty());
  }
  const sock_fprog program{static_cast<unsigned short>(filter.size()),
                           filter.data()};
  Pipe report = make_pipe();
  Fd report_write = raised(report.write.get());
  report.write.close();
  const auto args = pointers(argv);
  const auto env = pointers(options.environment);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw_errno("fork for", argv[0]);
  if (pid == 0) {
    become(args.data(), options.environment.empty() ? nullptr : env.data(),
           parent, moves, open_at_end,
           options.account ? &*options.account : nullptr,
           ruleset ? ruleset.get() : -1, program,
           options.confinement ? options.confinement->largest_file
                               : std::nullopt,
           report_write.get());
  }
  // The child's group exists when the read below returns: at its exec, or its
  // end.
  report_write.close();
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const int pidfd_error = errno;
  Child child(pid, std::move(pidfd));  // reaps from here on, in any case
  int error = 0;
  ssize_t n;
  do {
    n = ::read(report.read.get(), &error, sizeof error);
  } while (n < 0 && errno == EINTR);
  if (n == sizeof error) throw Error("start", argv[0], ::strerror(error));
  if (!child.pidfd_) throw Error("watch", argv[0], ::strerror(pidfd_error));
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      status_(other.status_) {}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    Child old(std::move(*this));
    pid_ = std::exchange(other.pid_, -1);
    pidfd_ = std::move(other.pidfd_);
    status_ = other.status_;
  }
  return *this;
}

Child::~Child() {
  if (pid_ < 0 || status_) return;
  kill();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

std::optional<ExitStatus> Child::poll_exit() {
  if (status_) return status_;
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, WNOHANG);
  if (got == pid_) status_ = decoded(status);
  return status_;
}

std::optional<ExitStatus> Child::wait(std::int64_t timeout_ms) {
  const std::int64_t end = monotonic_ms() + timeout_ms;
  while (!poll_exit()) {
    const std::int64_t left = end - monotonic_ms();
    if (left <= 0) return std::nullopt;
    pollfd p{pidfd_.get(), POLLIN, 0};
    ::poll(&p, 1, static_cast<int>(std::min<std::int64_t>(left, 60000)));
  }
  return status_;
}

void Child::signal_group(int signal) const {
  // Never after the reap, because the pid may then be another process's.
  if (pid_ > 0 && !status_) ::kill(-pid_, signal);
}

void Child::terminate() const { signal_group(SIGTERM); }
void Child::kill() const { signal_group(SIGKILL); }

ExitStatus Child::stop(std::int64_t grace_ms) {
  terminate();
  if (auto status = wait(grace_ms)) return *status;
  kill();
  for (;;) {
    if (auto status = wait(60000)) return *status;
  }
}

Pipe make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw_errno("make", "pipe");
  return Pipe{Fd(fds[0]), Fd(fds[1])};
}

namespace {

// Started with both outputs in pipes, whose read ends are `out` and `err`.
Child start_piped(const std::vector<std::string>& argv, ChildOptions& options,
                  Fd& out, Fd& err) {
  Pipe output = make_pipe(), errors = make_pipe();
  options.stdout_fd = output.write.get();
  options.stderr_fd = errors.write.get();
  out = std::move(output.read);
  err = std::move(errors.read);
  return Child::start(argv, options);
}

}  // namespace

ChildOutput::ChildOutput(const std::vector<std::string>& argv,
                         ChildOptions options)
    : child(start_piped(argv, options, out_, err_)) {}

std::vector<pollfd> ChildOutput::fds() const {
  std::vector<pollfd> out;
  for (const Fd* fd : {&out_, &err_}) {
    if (*fd) out.push_back({fd->get(), POLLIN, 0});
  }
  return out;
}

std::string_view ChildOutput::read_once(Fd& from,
                                        std::array<char, 16 * 1024>& into) {
  ssize_t n;
  do {
    n = ::read(from.get(), into.data(), into.size());
  } while (n < 0 && errno == EINTR);
  if (n <= 0) from.close();
  return {into.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

void append_up_to(std::size_t cap, std::string_view bytes, std::string& into) {
  into += bytes.substr(0, cap - std::min(cap, into.size()));
}

RunResult run(const std::vector<std::string>& argv, std::int64_t timeout_ms,
              std::size_t cap, const ChildOptions& options) {
  ChildOutput output(argv, options);
  RunResult result;
  const std::int64_t end = monotonic_ms() + timeout_ms;
  const auto left = [end] {
    return std::max<std::int64_t>(0, end - monotonic_ms());
  };
  while (output.open() && left() > 0) {
    auto fds = output.fds();
    ::poll(fds.data(), fds.size(),
           static_cast<int>(std::min<std::int64_t>(left(), 1000)));
    output.read(fds, [&](bool error, std::string_view bytes) {
      append_up_to(cap, bytes, error ? result.err : result.out);
    });
  }
  const auto status = output.child.wait(left());
  result.timed_out = !status;
  result.status = status ? *status : output.child.stop(2000);
  return result;
}

std::optional<std::int64_t> process_start_time(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::nullopt;
  char buffer[1024];
  const ssize_t n = ::read(fd.get(), buffer, sizeof buffer - 1);
  if (n <= 0) return std::nullopt;
  buffer[n] = '\0';
  // The name in parentheses may contain anything, so fields count from its end.
  const char* at = ::strrchr(buffer, ')');
  for (int field = 2; at && field < 22; ++field) at = ::strchr(at + 1, ' ');
  if (!at) return std::nullopt;
  return ::strtoll(at + 1, nullptr, 10);
}

}  // namespace berth
