// SPDX-License-Identifier: GPL-2.0-or-later
// The system calls that a confined program may make: a seccomp filter in
// addition to base/confine's Landlock ruleset, which cannot restrict all of
// these on any kernel.
//
//   never     another process: ptrace, its memory, limits, priority, affinity;
//             mount, chroot, namespaces; bpf, perf, userfaultfd, io_uring,
//             keys; kernel modules, clocks, reboot; owners and extended
//             attributes; truncating a path, also by open(); a terminal's
//             input; SysV IPC; a file that sends signals (F_SETOWN, F_SETSIG,
//             O_ASYNC) or delays others (a lease); inotify; a child that
//             becomes its parent's (CLONE_PARENT)
//   sockets   those of the family named below, and pairs. A program that may
//             connect may connect to any address, because a filter cannot read
//             addresses
//   signals   none, not even to itself: abort() still ends it. Or the three
//             with which rsync and pg_restore end their own children, to single
//             processes: of its account before Linux 6.12, where Landlock
//             restricts them to its own children
//   modes     chmod fails; if the program writes files, it seems to succeed and
//             has no effect, because git and rsync give up without it. The same
//             holds for times, except for rsync, which compares them
//
// A call of another architecture, or newer than this list (Linux 6.1), returns
// ENOSYS, upon which libc uses an older one. So a call that is added to the
// kernel cannot be used before somebody has reviewed it.
//
// Rejected: libseccomp. It knows calls by name and has no "newer than", which
// is half of the above; the filter must exist as data before the fork, because
// nothing may allocate between fork and exec; and it would be one more library
// to build and run for what is a table.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

namespace berth {

enum class Sockets {
  none,
  local,    // AF_UNIX: an ssh master's or a cluster's
  network,  // AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK for the resolver
};

struct SystemCalls {
  Sockets sockets = Sockets::none;
  bool signals = false;     // USR1, USR2 and TERM, to its own children
  bool sets_times = false;  // of files
};

using SystemCallFilter = std::vector<sock_filter>;
// `writes`: the program may write some files.
SystemCallFilter make_filter(const SystemCalls& allowed, bool writes);

// Called between fork and exec, with no_new_privs set. False: see errno.
bool take_on(const sock_fprog& filter);

// Empty if this kernel filters system calls; otherwise what to do.
std::string why_unfiltered();

}  // namespace berth
