// SPDX-License-Identifier: GPL-2.0-or-later
// The system calls that a confined program may make: a seccomp filter beside
// base/confine's Landlock ruleset, which no kernel lets decide on all of these.
//
//   nobody    another process: ptrace, its memory, limits, priority, affinity;
//             mount, chroot, namespaces; bpf, perf, userfaultfd, io_uring,
//             keys; kernel modules, clocks, reboot; owners and extended
//             attributes; truncating a path, also by open(); a terminal's
//             input; SysV IPC; a file that sends signals (F_SETOWN, F_SETSIG,
//             O_ASYNC) or holds others up (a lease); inotify; a child that
//             is its parent's
//   sockets   those of the family that is named below, and pairs. What may
//             connect may connect anywhere: an address is out of a filter's
//             sight
//   signals   none, not even to itself: abort() still ends it. Or the three
//             that rsync and pg_restore end their own children with, to single
//             processes: of its account before Linux 6.12, where Landlock
//             keeps them in the family
//   modes     chmod fails; where the program writes files it is said to have
//             been done and is not, as git and rsync give up without. So with
//             times, but for rsync, which compares them
//
// A call of another architecture or newer than this list (Linux 6.1) does not
// exist: ENOSYS, upon which libc takes an older one. So a call that is added to
// the kernel cannot be used before somebody has read what it does.
//
// Rejected: libseccomp. It knows calls by name and no "newer than", which is
// half of the above; the filter has to be there as data before the fork, since
// nothing may allocate between fork and exec; and one more library would be
// needed to build and run for what is a table.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

namespace berth {

enum class Sockets {
  none,
  local,    // AF_UNIX: the socket of an ssh master, of a cluster
  network,  // AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK for the resolver
};

struct SystemCalls {
  Sockets sockets = Sockets::none;
  bool signals = false;     // USR1, USR2 and TERM, to its own children
  bool sets_times = false;  // of files
};

using SystemCallFilter = std::vector<sock_filter>;
// `writes`: the program may write files somewhere.
SystemCallFilter make_filter(const SystemCalls& allowed, bool writes);

// Between fork and exec, with no_new_privs set. False: errno says why not.
bool take_on(const sock_fprog& filter);

// Empty: this kernel filters system calls. Else what to do.
std::string why_unfiltered();

}  // namespace berth
