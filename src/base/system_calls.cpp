// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/system_calls.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace berth {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "add this machine's AUDIT_ARCH, and check clone()'s arguments there"
#endif
static_assert(std::endian::native == std::endian::little);

// set_mempolicy_home_node, the last call of Linux 6.1; the same on every
// machine.
constexpr std::uint32_t kNewestCall = 450;

constexpr int kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                            CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                            CLONE_NEWNET;

// The owner of a file receives a signal on input, whichever process it is: so
// no call may set the owner or the signal. A lease delays whoever else opens
// the file.
constexpr std::uint32_t kFileSignals[] = {F_SETOWN, F_SETOWN_EX, F_SETSIG,
                                          F_SETLEASE, F_NOTIFY};
constexpr std::uint32_t kRequests[] = {
    FIOSETOWN, SIOCSPGRP, FIOASYNC, TIOCSIG,  // signals, again
    TIOCSTI, 0x541c /* TIOCLINUX */,          // what is typed into a terminal
};

constexpr long kForNobody[] = {
    // Other processes.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
    SYS_pidfd_getfd, SYS_process_madvise, SYS_process_mrelease,
    SYS_setpriority, SYS_sched_setparam, SYS_sched_setscheduler,
    SYS_sched_setattr, SYS_sched_setaffinity, SYS_ioprio_set,
    SYS_migrate_pages, SYS_move_pages, SYS_tkill, SYS_tgkill,
    SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal,
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_semget, SYS_semop, SYS_semctl,
    SYS_semtimedop, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl,
    SYS_mq_open, SYS_mq_unlink,
    // Names of files in folders that it cannot list.
    SYS_inotify_init1,
#ifdef SYS_inotify_init
    SYS_inotify_init,
#endif
    // What a program sees of the machine.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount,
    SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
    SYS_mount_setattr, SYS_setns, SYS_unshare,
    // Large parts of the kernel that no program of ours needs.
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup,
    SYS_io_uring_enter, SYS_io_uring_register, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_fanotify_init, SYS_lookup_dcookie,
    SYS_name_to_handle_at, SYS_open_by_handle_at,
    // The machine itself.
    SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
    SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl,
    SYS_quotactl_fd, SYS_syslog, SYS_settimeofday, SYS_clock_settime,
    SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname,
    SYS_vhangup,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl, SYS_ioperm, SYS_modify_ldt,
#endif
    // Changes of files that Landlock does not restrict.
    SYS_fchown, SYS_fchownat, SYS_truncate, SYS_setxattr, SYS_lsetxattr,
    SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
#ifdef SYS_chown
    SYS_chown, SYS_lchown,
#endif
};

constexpr long kModes[] = {SYS_fchmod, SYS_fchmodat,
#ifdef SYS_chmod
                           SYS_chmod,
#endif
};

constexpr long kTimes[] = {SYS_utimensat,
#ifdef SYS_utimes
                           SYS_utime, SYS_utimes, SYS_futimesat,
#endif
};

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0);
    give(ENOSYS);
    load_call();
    // The calls of x32 are above all others.
    add(BPF_JMP | BPF_JGT | BPF_K, kNewestCall, 0, 1);
    give(ENOSYS);
  }

  // Returns `error`; 0: it seems to succeed and has no effect.
  void refuse(long call, int error = EPERM) {
    unless(call, 1);
    give(error);
  }
  // Refuses the call if one of `bits` is set in this argument.
  void refuse_bits(long call, unsigned argument, std::uint32_t bits) {
    refuse_if(call, argument, BPF_JSET, bits);
  }
  void refuse_value(long call, unsigned argument, std::uint32_t value) {
    refuse_if(call, argument, BPF_JEQ, value);
  }
  // Refuses the call if one argument is `value` and another has one of `bits`.
  void refuse_value_bits(long call, unsigned argument, std::uint32_t value,
                         unsigned other, std::uint32_t bits) {
    unless(call, 6);
    load_argument(argument);
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 3);
    load_argument(other);
    add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    give(EPERM);
    load_call();
  }
  void refuse_others(long call, unsigned argument,
                     const std::vector<std::uint32_t>& values,
                     int error = EPERM) {
    const auto count = static_cast<std::uint8_t>(values.size());
    unless(call, static_cast<std::uint8_t>(count + 3));
    load_argument(argument);
    for (std::uint8_t i = 0; i < count; ++i) {
      add(BPF_JMP | BPF_JEQ | BPF_K, values[i],
          static_cast<std::uint8_t>(count - i), 0);
    }
    give(error);
    load_call();
  }
  // Refuses open() calls that truncate a file without opening it for writing:
  // O_RDONLY, and 3, which is neither, and which Landlock treats as no access.
  void refuse_truncating(long call, unsigned argument) {
    unless(call, 7);
    load_argument(argument);
    add(BPF_JMP | BPF_JSET | BPF_K, O_TRUNC, 0, 4);
    add(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE, 0, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, O_WRONLY, 2, 0);
    add(BPF_JMP | BPF_JEQ | BPF_K, O_RDWR, 1, 0);
    give(EPERM);
    load_call();
  }
  SystemCallFilter all() {
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    return std::move(code_);
  }

 private:
  void refuse_if(long call, unsigned argument, int test, std::uint32_t value) {
    unless(call, 4);
    load_argument(argument);
    add(BPF_JMP | test | BPF_K, value, 0, 1);
    give(EPERM);
    load_call();
  }
  void add(int code, std::uint32_t k, std::uint8_t yes, std::uint8_t no) {
    code_.push_back({static_cast<std::uint16_t>(code), yes, no, k});
  }
  void load(std::size_t at) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at), 0, 0);
  }
  void load_call() { load(offsetof(seccomp_data, nr)); }
  // The lower half: all that the kernel uses of an int.
  void load_argument(unsigned number) {
    load(offsetof(seccomp_data, args) + number * sizeof(std::uint64_t));
  }
  // Any other call skips the next `steps`.
  void unless(long call, std::uint8_t steps) {
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, steps);
  }
  void give(int error) {
    add(BPF_RET | BPF_K,
        SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error), 0, 0);
  }

  SystemCallFilter code_;
};

void refuse_sockets(Filter& out, Sockets allowed) {
  switch (allowed) {
    case Sockets::none:
      return out.refuse(SYS_socket, EACCES);
    case Sockets::local:
      return out.refuse_others(SYS_socket, 0, {AF_UNIX}, EACCES);
    case Sockets::network:
      return out.refuse_others(
          SYS_socket, 0, {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}, EACCES);
  }
}

}  // namespace

SystemCallFilter make_filter(const SystemCalls& allowed, bool writes) {
  Filter out;
  for (const long call : kForNobody) out.refuse(call);
  // A filter cannot inspect the arguments of these; libc uses older calls
  // instead.
  out.refuse(SYS_clone3, ENOSYS);
  out.refuse(SYS_openat2, ENOSYS);
  out.refuse_bits(SYS_clone, 0, kNamespaces | CLONE_PARENT);
  out.refuse_truncating(SYS_openat, 2);
#ifdef SYS_open
  out.refuse_truncating(SYS_open, 1);
#endif
  for (const std::uint32_t request : kRequests) {
    out.refuse_value(SYS_ioctl, 1, request);
  }
  for (const std::uint32_t command : kFileSignals) {
    out.refuse_value(SYS_fcntl, 1, command);
  }
  out.refuse_value_bits(SYS_fcntl, 1, F_SETFL, 2, O_ASYNC);
  out.refuse_others(SYS_prlimit64, 0, {0});  // another process'
  for (const long call : kModes) out.refuse(call, writes ? 0 : EPERM);
  if (!allowed.sets_times) {
    for (const long call : kTimes) out.refuse(call, writes ? 0 : EPERM);
  }
  if (allowed.signals) {
    out.refuse_bits(SYS_kill, 0, 1u << 31);  // groups, and everybody
    out.refuse_others(SYS_kill, 1, {0, SIGUSR1, SIGUSR2, SIGTERM});
  } else {
    out.refuse(SYS_kill);
  }
  refuse_sockets(out, allowed.sockets);
  return out.all();
}

bool take_on(const sock_fprog& filter) {
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

std::string why_unfiltered() {
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &action) == 0) {
    return "";
  }
  // A filter of our parent may forbid this call and allow prctl().
  if (errno == EPERM) return "";
  return "this kernel cannot filter system calls; run Berth on a kernel with "
         "CONFIG_SECCOMP_FILTER, such as Debian's";
}

}  // namespace berth
