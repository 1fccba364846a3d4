// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/confine.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "base/child.hpp"
#include "base/error.hpp"
#include "temporary_dir.hpp"

using namespace berth;

namespace {

// A folder with what a confined program is given, beside what it is not.
struct Place {
  TemporaryDir folder;
  std::string inside = folder.path() + "/inside";
  std::string secret = folder.path() + "/secret";
  Place() {
    ::mkdir(inside.c_str(), 0755);
    std::ofstream(inside + "/file") << "dump\n";
    std::ofstream(secret) << "secret\n";
  }
};

std::string confined_says(const std::vector<std::string>& argv,
                          const Confinement& allowed) {
  ChildOptions options;
  options.confinement = allowed;
  const auto r = run(argv, 10000, 1 << 20, options);
  return r.out + r.err;
}

Confinement with_foreign(const std::string& path) {
  Confinement out = confined_program();
  out.foreign = {path};
  return out;
}

// "0", or the error's number, of a system call that a program makes; arguments
// are numbers or texts.
std::string errno_of(const Confinement* allowed, long call,
                     const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> argv = {
      "/usr/bin/python3", "-ISc",
      "import ctypes, sys\n"
      "def value(word):\n"
      "  try: return ctypes.c_long(int(word))\n"
      "  except ValueError: return word.encode()\n"
      "c = ctypes.CDLL(None, use_errno=True)\n"
      "done = c.syscall(*map(value, sys.argv[1:]))\n"
      "print(ctypes.get_errno() if done < 0 else 0, end='')",
      std::to_string(call)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  if (allowed) return confined_says(argv, *allowed);
  return run(argv, 10000).out;
}

std::string number(long value) { return std::to_string(value); }

off_t size_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_size : -1;
}

mode_t mode_of(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(confine)

BOOST_AUTO_TEST_CASE(a_confined_child_reads_what_is_named_and_nothing_else) {
  BOOST_REQUIRE_EQUAL(why_unconfined(), "");
  const Place place;
  const Confinement allowed = with_foreign(place.inside);
  const auto cat = [&](const std::string& path) {
    return confined_says({"cat", path}, allowed);
  };
  const auto denied = [&](const std::string& path) {
    return cat(path).find("Permission denied") != std::string::npos;
  };
  BOOST_TEST(cat(place.inside + "/file") == "dump\n");
  BOOST_TEST(denied(place.secret));
  BOOST_TEST(denied(place.inside + "/../secret"));
  // Without the confinement all of it can be read.
  BOOST_TEST(run({"cat", place.inside + "/../secret"}, 5000).out ==
             "secret\n");
  ::symlink(place.secret.c_str(), (place.inside + "/link").c_str());
  BOOST_TEST(denied(place.inside + "/link"));
  for (const char* path :
       {"/proc/self/environ", "/proc/self/status", "/proc/1/cmdline",
        "/proc/version", "/etc/shadow", "/etc/fstab", "/dev/tty", "/root",
        "/tmp"}) {
    if (::access(path, F_OK) == 0) BOOST_TEST(denied(path), path);
  }
  // What a program needs is there.
  BOOST_TEST(!denied("/etc/passwd"));
  BOOST_TEST(cat("/dev/null") == "");
}

BOOST_AUTO_TEST_CASE(what_a_confined_child_starts_is_confined_too) {
  const Place place;
  BOOST_TEST(confined_says({"sh", "-c", "cat \"$1\" 2>/dev/null || echo no",
                            "-", place.secret},
                           with_foreign(place.inside)) == "no\n");
}

BOOST_AUTO_TEST_CASE(a_confined_child_writes_where_it_may_and_nowhere_else) {
  const Place place;
  Confinement allowed = confined_program();
  allowed.write = {place.inside};
  BOOST_TEST(confined_says({"sh", "-c",
                            "cd \"$1\" && echo x >a && mkdir b && mv a b/c && "
                            "rm -r b && echo good",
                            "-", place.inside},
                           allowed) == "good\n");
  const std::string refused = confined_says(
      {"sh", "-c", "echo x >\"$1\"/new; rm \"$1\"/secret; ln -s x \"$1\"/l", "-",
       place.folder.path()},
      allowed);
  BOOST_TEST(::access((place.folder.path() + "/new").c_str(), F_OK) != 0);
  BOOST_TEST(::access(place.secret.c_str(), F_OK) == 0, refused);
}

BOOST_AUTO_TEST_CASE(a_confined_child_writes_no_file_larger_than_it_may) {
  const Place place;
  Confinement allowed = confined_program();
  allowed.write = {place.inside};
  const auto written = [&](const char* name, const char* bytes) {
    const std::string path = place.inside + "/" + name;
    confined_says({"sh", "-c", "head -c \"$1\" /dev/zero >\"$2\"; "
                   "head -c \"$1\" /dev/zero >>\"$2\"", "-", bytes, path},
                  allowed);
    return size_of(path);
  };
  BOOST_TEST(written("free", "150000") == 300000);
  allowed.largest_file = 200000;
  BOOST_TEST(written("more", "150000") == 200000);
  BOOST_TEST(written("exact", "100000") == 200000);
  // It is told so and not killed, and what it starts is bound, too.
  const std::string said = confined_says(
      {"sh", "-c",
       "sh -c 'head -c 9 /dev/zero >>\"$1\"' - \"$1\"; echo here, $?", "-",
       place.inside + "/exact"},
      allowed);
  BOOST_TEST(said.find("here, 1\n") == 0u, said);
  BOOST_TEST(said.find("File too large") != std::string::npos, said);
  allowed.largest_file = 0;
  BOOST_TEST(written("none", "10") == 0);
}

BOOST_AUTO_TEST_CASE(foreign_paths_have_no_links_in_them) {
  const Place place;
  const std::string link = place.folder.path() + "/latest";
  ::symlink(place.inside.c_str(), link.c_str());
  BOOST_CHECK_THROW(confined_says({"true"}, with_foreign(link)), Error);
  BOOST_CHECK_THROW(confined_says({"true"}, with_foreign(link + "/file")),
                    Error);
  BOOST_CHECK_THROW(confined_says({"true"}, with_foreign("/not/there")),
                    Error);
}

BOOST_AUTO_TEST_CASE(a_program_that_it_may_not_run_is_told_in_the_parent) {
  const Place place;
  const std::string program = place.folder.path() + "/program";
  std::ofstream(program) << "#!/bin/sh\necho ran\n";
  ::chmod(program.c_str(), 0755);
  BOOST_TEST(run({program}, 5000).out == "ran\n");
  BOOST_CHECK_THROW(confined_says({program}, confined_program()), Error);
}

BOOST_AUTO_TEST_CASE(a_confined_child_keeps_no_right_of_a_setuid_program) {
  BOOST_TEST(confined_says({"sh", "-c", "exec 2>&1; setpriv --dump"},
                           confined_program())
                 .find("no_new_privs: 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_confined_child_reaches_no_other_process_and_no_machine) {
  const Confinement allowed = confined_program();
  struct Call {
    const char* name;
    long number;
    std::vector<std::string> arguments;
  };
  const std::string self = number(::getpid());
  int otherwise = 0;  // what an unconfined one gets is something else
  for (const Call& call : std::vector<Call>{
           {"ptrace", SYS_ptrace, {"0", "0", "0", "0"}},
           {"process_vm_readv", SYS_process_vm_readv,
            {self, "0", "0", "0", "0", "0"}},
           {"process_vm_writev", SYS_process_vm_writev,
            {self, "0", "0", "0", "0", "0"}},
           {"io_uring_setup", SYS_io_uring_setup, {"0", "0"}},
           {"unshare", SYS_unshare, {"1024"}},
           {"setns", SYS_setns, {"-1", "0"}},
           {"mount", SYS_mount, {"a", "/nowhere", "x", "0", "0"}},
           {"bpf", SYS_bpf, {"0", "0", "0"}},
           {"keyctl", SYS_keyctl, {"0", "-2", "1"}},
           {"add_key", SYS_add_key, {"user", "a", "b", "1", "-2"}},
           {"userfaultfd", SYS_userfaultfd, {"1"}},
           {"perf_event_open", SYS_perf_event_open, {"0", "0", "0", "-1", "0"}},
           {"setpriority", SYS_setpriority, {"0", self, "19"}},
           {"sched_setaffinity", SYS_sched_setaffinity, {self, "0", "0"}},
           {"prlimit", SYS_prlimit64, {self, "7", "0", "0"}},
           {"tgkill", SYS_tgkill, {self, self, "0"}},
           {"kill", SYS_kill, {self, "0"}},
           {"shmget", SYS_shmget, {"0", "4096", "512"}},
           {"inotify_init1", SYS_inotify_init1, {"0"}},
           {"clone", SYS_clone, {number(CLONE_PARENT), "0", "0", "0", "0"}},
           {"clone", SYS_clone, {number(0x10000000), "0", "0", "0", "0"}}}) {
    BOOST_TEST(errno_of(&allowed, call.number, call.arguments) ==
                   number(EPERM),
               call.name);
    if (std::string(call.name) != "clone") {  // its child would print too
      otherwise += errno_of(nullptr, call.number, call.arguments) !=
                   number(EPERM);
    }
  }
  BOOST_TEST(otherwise > 10);
  // Its own limits it may lower.
  BOOST_TEST(errno_of(&allowed, SYS_prlimit64, {"0", "7", "0", "0"}) == "0");
}

// cachestat came with Linux 6.5; of x32 each call has a number far above.
BOOST_AUTO_TEST_CASE(a_call_newer_than_the_list_does_not_exist) {
  const Confinement allowed = confined_program();
  for (const long call : {451L, 999L, 0x40000000L + SYS_getpid}) {
    BOOST_TEST(errno_of(&allowed, call, {"-1", "0", "0", "0"}) ==
                   number(ENOSYS),
               call);
  }
  BOOST_TEST(errno_of(&allowed, SYS_clone3, {"0", "0"}) == number(ENOSYS));
}

BOOST_AUTO_TEST_CASE(a_confined_child_changes_no_mode_time_owner_or_size) {
  const Place place;
  const Confinement allowed = with_foreign(place.inside);
  const std::string read_only = place.inside + "/file";
  ::chmod(place.secret.c_str(), 0640);
  const std::string cwd = number(AT_FDCWD), denied = number(EPERM);
  for (const std::string& path : {place.secret, read_only}) {
    const mode_t mode = mode_of(path);
    const off_t size = size_of(path);
    const auto call = [&](long nr, const std::vector<std::string>& more) {
      return errno_of(&allowed, nr, more);
    };
    BOOST_TEST(call(SYS_fchmodat, {cwd, path, number(0777)}) == denied);
    BOOST_TEST(call(SYS_fchownat, {cwd, path, number(::getuid()),
                                   number(::getgid()), "0"}) == denied);
    BOOST_TEST(call(SYS_utimensat, {cwd, path, "0", "0"}) == denied);
    BOOST_TEST(call(SYS_truncate, {path, "0"}) == denied);
    BOOST_TEST(call(SYS_setxattr, {path, "user.a", "b", "1", "0"}) == denied);
    // Landlock of before 6.2 lets these by: neither opens the file to write.
    for (const int flags : {O_RDONLY | O_TRUNC, O_ACCMODE | O_TRUNC}) {
      BOOST_TEST(call(SYS_openat, {cwd, path, number(flags)}) == denied);
    }
    BOOST_TEST(mode_of(path) == mode);
    BOOST_TEST(size_of(path) == size);
  }
  BOOST_TEST(errno_of(nullptr, SYS_fchmodat,
                      {cwd, place.secret, number(0600)}) == "0");
  BOOST_TEST(mode_of(place.secret) == 0600u);
}

// git and rsync give up where chmod fails.
BOOST_AUTO_TEST_CASE(who_writes_is_told_that_a_mode_was_changed) {
  const Place place;
  Confinement allowed = confined_program();
  allowed.write = {place.inside};
  ::chmod(place.secret.c_str(), 0640);
  const std::string cwd = number(AT_FDCWD);
  BOOST_TEST(errno_of(&allowed, SYS_fchmodat, {cwd, place.secret, "511"}) ==
             "0");
  BOOST_TEST(mode_of(place.secret) == 0640u);
  const auto touched = [&] {
    return confined_says({"sh", "-c", "touch -d 2001-01-01 \"$1\"/file; "
                          "stat -c %Y \"$1\"/file", "-", place.inside},
                         allowed);
  };
  BOOST_TEST(touched().find("978") != 0u);
  allowed.calls.sets_times = true;
  BOOST_TEST(touched().find("978") == 0u);
  BOOST_TEST(confined_says({"sh", "-c", ": >\"$1\"/file && echo x >\"$1\"/new",
                            "-", place.inside}, allowed) == "");
  BOOST_TEST(size_of(place.inside + "/file") == 0);
}

BOOST_AUTO_TEST_CASE(a_confined_child_has_the_sockets_that_are_named) {
  const auto sockets = [](Sockets which) {
    Confinement allowed = confined_program();
    allowed.calls.sockets = which;
    std::string out;
    for (const int family :
         {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG,
          AF_VSOCK}) {
      const std::string got =
          errno_of(&allowed, SYS_socket,
                   {number(family), number(SOCK_DGRAM | SOCK_CLOEXEC), "0"});
      out += got == number(EACCES) ? '-' : '+';
    }
    return out;
  };
  BOOST_TEST(sockets(Sockets::none) == "-------");
  BOOST_TEST(sockets(Sockets::local) == "+------");
  BOOST_TEST(sockets(Sockets::network) == "++++---");
}

BOOST_AUTO_TEST_CASE(a_confined_child_signals_its_own_children_or_nobody) {
  Confinement allowed = confined_program();
  const Child other = Child::start({"sleep", "60"});
  const std::string pid = number(other.pid());
  const auto kill = [&](const std::string& whom, int signal) {
    return errno_of(&allowed, SYS_kill, {whom, number(signal)});
  };
  BOOST_TEST(kill(pid, SIGTERM) == number(EPERM));
  const std::vector<std::string> of_its_own = {
      "sh", "-c", "sleep 1 & kill -TERM $! && wait $!; echo $?"};
  BOOST_TEST(confined_says(of_its_own, allowed).find("143") ==
             std::string::npos);
  allowed.calls.signals = true;
  // sh may say so, too.
  BOOST_TEST(confined_says(of_its_own, allowed).starts_with("143\n"));
  BOOST_TEST(kill(pid, SIGKILL) == number(EPERM));
  BOOST_TEST(kill("-1", SIGTERM) == number(EPERM));
  BOOST_TEST(kill("-" + pid, SIGTERM) == number(EPERM));
}

// A file that sends its owner a signal when something comes, of any number to
// any process of the account: before Linux 6.12 no ruleset keeps it back.
BOOST_AUTO_TEST_CASE(a_file_sends_no_signal_for_a_confined_child) {
  const Confinement allowed = confined_program();
  const std::string self = number(::getpid());
  for (const auto& [command, value] :
       std::vector<std::pair<int, std::string>>{
           {F_SETOWN, self}, {F_SETOWN_EX, "0"}, {F_SETSIG, "10"},
           {F_SETLEASE, number(F_UNLCK)}, {F_NOTIFY, "0"},
           {F_SETFL, number(O_WRONLY | O_ASYNC)}}) {
    const std::vector<std::string> arguments = {"1", number(command), value};
    BOOST_TEST(errno_of(&allowed, SYS_fcntl, arguments) == number(EPERM),
               command);
    BOOST_TEST(errno_of(nullptr, SYS_fcntl, arguments) != number(EPERM),
               command);
  }
  for (const long request :
       std::vector<long>{FIOSETOWN, SIOCSPGRP, FIOASYNC, TIOCSIG}) {
    const std::vector<std::string> arguments = {"1", number(request), "0"};
    BOOST_TEST(errno_of(&allowed, SYS_ioctl, arguments) == number(EPERM),
               request);
    BOOST_TEST(errno_of(nullptr, SYS_ioctl, arguments) != number(EPERM),
               request);
  }
  // What programs do to their files they still can.
  for (const auto& [command, value] : {std::pair{F_SETFL, O_NONBLOCK},
                                       std::pair{F_SETFD, FD_CLOEXEC},
                                       std::pair{F_GETOWN, 0}}) {
    BOOST_TEST(errno_of(&allowed, SYS_fcntl,
                        {"2", number(command), number(value)}) == "0",
               command);
  }
  BOOST_TEST(errno_of(&allowed, SYS_ioctl, {"2", number(FIONCLEX)}) == "0");
}

// As the kernels before 6.12 have it: the filter, and no ruleset.
BOOST_AUTO_TEST_CASE(the_filter_alone_keeps_signals_of_files_back) {
  const auto ended = [](bool filtered) {
    Child other = Child::start({"sleep", "60"});
    const SystemCallFilter filter = make_filter({}, false);
    const sock_fprog program{static_cast<unsigned short>(filter.size()),
                             const_cast<sock_filter*>(filter.data())};
    const Pipe pipe = make_pipe();
    const pid_t child = ::fork();
    if (child == 0) {
      if (filtered && (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
                       !take_on(program))) {
        ::_exit(1);
      }
      ::fcntl(pipe.read.get(), F_SETOWN, other.pid());
      ::fcntl(pipe.read.get(), F_SETSIG, SIGKILL);
      ::fcntl(pipe.read.get(), F_SETFL, O_ASYNC);
      ::_exit(::write(pipe.write.get(), "x", 1) == 1 ? 0 : 1);
    }
    int status = -1;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    BOOST_REQUIRE(status == 0);
    return other.wait(filtered ? 300 : 10000).has_value();
  };
  BOOST_TEST(ended(false));
  BOOST_TEST(!ended(true));
}

BOOST_AUTO_TEST_CASE(a_confined_child_makes_sockets_where_it_may) {
  const Place place;
  Confinement allowed = confined_program();
  allowed.calls.sockets = Sockets::local;
  const auto made = [&](const std::string& path) {
    return confined_says(
        {"/usr/bin/python3", "-ISc",
         "import socket, sys\n"
         "s = socket.socket(socket.AF_UNIX)\n"
         "try: s.bind(sys.argv[1])\n"
         "except OSError: print('not', end='')\n"
         "else: print('made', end='')", path}, allowed);
  };
  BOOST_TEST(made(place.inside + "/a") == "not");
  allowed.listen = {place.inside};
  BOOST_TEST(made(place.inside + "/a") == "made");
  BOOST_TEST(made(place.folder.path() + "/a") == "not");
  BOOST_TEST(confined_says({"sh", "-c", "echo x >\"$1\"/b || echo no", "-",
                            place.inside}, allowed).find("no\n") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
