// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/child.hpp"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/programs.hpp"

using namespace berth;

BOOST_AUTO_TEST_SUITE(child)

// The catalogues of a German administrator made "fatal: " into "Schwerwiegend".
BOOST_AUTO_TEST_CASE(what_a_child_prints_is_in_english) {
  ::setenv("LANG", "de_DE.UTF-8", 1);
  ::setenv("LC_ALL", "de_DE.UTF-8", 1);
  ::setenv("LANGUAGE", "de:fr", 1);
  speak_english();
  const RunResult result =
      run({"/bin/sh", "-c", "echo \"$LC_ALL ${LANGUAGE-none}\""}, 20000);
  BOOST_TEST(result.out == "C.UTF-8 none\n");
}

BOOST_AUTO_TEST_CASE(output_and_exit_code_come_back) {
  const auto r = run({"sh", "-c", "echo out; echo err >&2; exit 3"}, 5000);
  BOOST_TEST(r.out == "out\n");
  BOOST_TEST(r.err == "err\n");
  BOOST_TEST(r.status.code == 3);
}

BOOST_AUTO_TEST_CASE(arguments_are_never_a_shell_string) {
  const auto r = run({"printf", "%s", "$(id); `id` | x\n"}, 5000);
  BOOST_TEST(r.out == "$(id); `id` | x\n");
}

BOOST_AUTO_TEST_CASE(a_child_of_roots_becomes_another_account_for_good) {
  if (::geteuid() != 0) return;
  BOOST_TEST(!find_account("no-such-account").has_value());
  ChildOptions options;
  options.account = find_account("nobody");
  BOOST_REQUIRE(options.account.has_value());
  const auto r = run({"grep", "-E", "^([UG]id|Groups|CapEff):",
                      "/proc/self/status"}, 5000, 1 << 16, options);
  const std::string uid = std::to_string(options.account->uid);
  const std::string gid = std::to_string(options.account->gid);
  BOOST_TEST(r.out.find("Uid:\t" + uid + "\t" + uid + "\t" + uid + "\t" +
                        uid) != std::string::npos, r.out);
  BOOST_TEST(r.out.find("Gid:\t" + gid + "\t" + gid) != std::string::npos,
             r.out);
  BOOST_TEST(r.out.find("Groups:\t" + gid + " \n") != std::string::npos,
             r.out);
  BOOST_TEST(r.out.find("CapEff:\t0000000000000000") != std::string::npos,
             r.out);
  // It is still ours to end.
  Child c = Child::start({"sleep", "60"}, options);
  BOOST_TEST(!c.wait(50).has_value());
  BOOST_TEST(c.stop(1000).signal == SIGTERM);
}

// What a child with `account` gets out of the terminal its parent sits at: the
// words of its attempts, and what is then waiting to be read there.
struct AtATerminal {
  std::string words, typed;
};
AtATerminal at_a_terminal(const std::optional<Account>& account) {
  static const char* const attempts =
      "import fcntl, os, sys, termios\n"
      "def tell(what): os.write(5, (what + '\\n').encode())\n"
      "tell('leader' if os.getsid(0) == os.getpid() else 'member')\n"
      "try: os.open('/dev/tty', os.O_RDWR); tell('opened /dev/tty')\n"
      "except OSError: tell('no /dev/tty')\n"
      "for fd in 0, 1, 2, 6:\n"
      "  tell('%d %s' % (fd, 'tty' if os.isatty(fd) else 'none'))\n"
      "  for c in b'id\\n':\n"
      "    try: fcntl.ioctl(fd, termios.TIOCSTI, bytes([c]))\n"
      "    except OSError: pass\n";
  int master = -1, slave = -1;
  BOOST_REQUIRE(::openpty(&master, &slave, nullptr, nullptr, nullptr) == 0);
  const Fd terminal(master);
  Fd its_end(slave);
  Pipe told = make_pipe();
  const pid_t shell = ::fork();
  if (shell == 0) {
    ::setsid();
    ::ioctl(slave, TIOCSCTTY, 0);
    for (const int fd : {0, 1, 2}) ::dup2(slave, fd);
    ChildOptions options;
    options.account = account;
    options.pass = {{5, told.write.get()}, {6, slave}};
    Child c = Child::start({"python3", "-c", attempts}, options);
    ::_exit(c.wait(20000) ? 0 : 1);
  }
  told.write.close();
  AtATerminal out;
  char buffer[4096];
  ssize_t n;
  while ((n = ::read(told.read.get(), buffer, sizeof buffer)) > 0) {
    out.words.append(buffer, static_cast<std::size_t>(n));
  }
  ::waitpid(shell, nullptr, 0);
  ::fcntl(slave, F_SETFL, O_NONBLOCK);
  n = ::read(slave, buffer, sizeof buffer);
  if (n > 0) out.typed.assign(buffer, static_cast<std::size_t>(n));
  return out;
}

BOOST_AUTO_TEST_CASE(a_child_with_another_account_cannot_type_into_a_terminal) {
  if (::geteuid() != 0) return;
  // The one with our account can, where the kernel has TIOCSTI: so the
  // attempts are good ones.
  const AtATerminal ours = at_a_terminal(std::nullopt);
  BOOST_TEST(ours.words.find("opened /dev/tty") != std::string::npos,
             ours.words);
  // A descriptor that was passed on purpose is the one way to the terminal
  // that is left, and it does not take what is typed for it.
  const AtATerminal other = at_a_terminal(find_account("nobody"));
  BOOST_TEST(other.words == "leader\nno /dev/tty\n0 none\n1 none\n2 none\n"
                            "6 tty\n", other.words);
  BOOST_TEST(other.typed == "");
}

BOOST_AUTO_TEST_CASE(a_program_that_hides_its_memory_is_roots_in_proc) {
  if (::geteuid() != 0) return;
  const Account nobody = find_account("nobody").value();
  const auto reads_environment = [&](bool hidden) {
    Pipe ready = make_pipe();
    const pid_t secret = ::fork();
    if (secret == 0) {
      if (::setresgid(nobody.gid, nobody.gid, nobody.gid) != 0 ||
          ::setresuid(nobody.uid, nobody.uid, nobody.uid) != 0) {
        ::_exit(1);
      }
      // As after an exec: a change of user alone hides it already.
      ::prctl(PR_SET_DUMPABLE, 1);
      if (hidden) keep_memory_private();
      [[maybe_unused]] ssize_t n = ::write(ready.write.get(), "x", 1);
      ::pause();
      ::_exit(0);
    }
    char byte;
    BOOST_REQUIRE(::read(ready.read.get(), &byte, 1) == 1);
    ChildOptions options;
    options.account = nobody;
    const std::string folder = "/proc/" + std::to_string(secret);
    const auto r = run({"cat", folder + "/environ", folder + "/maps"}, 5000,
                       1 << 20, options);
    BOOST_TEST(process_start_time(secret).has_value());
    ::kill(secret, SIGKILL);
    ::waitpid(secret, nullptr, 0);
    return r.status.ok();
  };
  BOOST_TEST(reads_environment(false));
  BOOST_TEST(!reads_environment(true));
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_told_in_the_parent) {
  BOOST_CHECK_THROW(Child::start({"/nowhere/at-all"}), Error);
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_whole_group) {
  const auto from = monotonic_ms();
  const auto r = run({"sh", "-c", "sleep 60 & sleep 60"}, 200);
  BOOST_TEST(r.timed_out);
  BOOST_TEST(monotonic_ms() - from < 10000);
}

BOOST_AUTO_TEST_CASE(one_that_ignores_term_is_killed) {
  Child c = Child::start({"sh", "-c", "trap '' TERM; while :; do sleep 1; done"});
  BOOST_TEST(!c.wait(100).has_value());
  BOOST_TEST(c.stop(100).signal == SIGKILL);
}

BOOST_AUTO_TEST_CASE(a_child_does_not_outlive_its_object) {
  pid_t pid;
  {
    Child c = Child::start({"sleep", "60"});
    pid = c.pid();
    BOOST_TEST(process_start_time(pid).has_value());
  }
  BOOST_TEST(::kill(pid, 0) == -1);
}

BOOST_AUTO_TEST_CASE(a_child_dies_with_its_parent) {
  // A middle process starts a child, tells us its number and is killed.
  Pipe told = make_pipe();
  const pid_t middle = ::fork();
  if (middle == 0) {
    Child c = Child::start({"sleep", "60"});
    const pid_t pid = c.pid();
    [[maybe_unused]] ssize_t n = ::write(told.write.get(), &pid, sizeof pid);
    ::pause();
    ::_exit(0);
  }
  pid_t grandchild = 0;
  BOOST_REQUIRE(::read(told.read.get(), &grandchild, sizeof grandchild) ==
                sizeof grandchild);
  ::kill(middle, SIGKILL);
  ::waitpid(middle, nullptr, 0);
  // Dead or a zombie of init's: a state other than sleeping or running.
  bool gone = false;
  for (int i = 0; i < 100 && !gone; ++i) {
    const auto r = run({"ps", "-o", "stat=", "-p",
                        std::to_string(grandchild)}, 5000);
    gone = r.out.empty() || r.out[0] == 'Z';
    if (!gone) ::usleep(20000);
  }
  BOOST_TEST(gone);
}

BOOST_AUTO_TEST_CASE(only_named_descriptors_are_inherited) {
  Pipe p = make_pipe();
  Fd leaked(::dup(p.write.get()));  // without CLOEXEC
  ChildOptions options;
  options.pass = {{3, p.write.get()}};
  const auto r = run({"sh", "-c", "ls /proc/self/fd | tr '\\n' ' '; echo x >&3"},
                     5000, 1 << 20, options);
  BOOST_TEST(r.out.starts_with("0 1 2 3 "));
  BOOST_TEST(r.out.size() <= std::string("0 1 2 3 4 ").size());
}

BOOST_AUTO_TEST_CASE(output_is_cut_at_the_cap_and_the_child_goes_on) {
  const auto r = run({"sh", "-c", "head -c 300000 /dev/zero; exit 7"}, 5000, 10);
  BOOST_TEST(r.out.size() == 10u);
  BOOST_TEST(r.status.code == 7);
}

BOOST_AUTO_TEST_SUITE_END()
