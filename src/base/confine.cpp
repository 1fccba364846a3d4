// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/confine.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/error.hpp"

namespace berth {
namespace {

// As in linux/landlock.h of the newest kernel: this file is also compiled with
// the headers of the oldest, which lack the last members.
struct RulesetAttributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;  // since ABI 4
  std::uint64_t scoped = 0;   // since ABI 6
};
constexpr std::uint64_t kTruncate = 1u << 14;     // since ABI 3
constexpr std::uint64_t kScopeSockets = 1u << 0;  // abstract; since ABI 6
constexpr std::uint64_t kScopeSignals = 1u << 1;

constexpr std::uint64_t kReadFile = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t kReadBelow = kReadFile | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kWriteFile =
    kReadFile | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
constexpr std::uint64_t kWriteBelow =
    kReadBelow | kWriteFile | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM |
    LANDLOCK_ACCESS_FS_REFER;
constexpr std::uint64_t kRun = kReadBelow | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t kListen =
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE;
// The rights that a rule on a file, not a folder, may have.
constexpr std::uint64_t kOfFiles =
    kWriteFile | LANDLOCK_ACCESS_FS_EXECUTE;

// The newest ABI of this kernel; below 1: errno as -errno.
int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0u,
                             LANDLOCK_CREATE_RULESET_VERSION);
  return abi < 0 ? -errno : static_cast<int>(abi);
}

std::uint64_t known_to(int abi) {
  std::uint64_t all = (1u << 13) - 1;  // ABI 1
  if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all |= kTruncate;
  return all;
}

Fd open_foreign(const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  Fd fd(static_cast<int>(
      ::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
  if (!fd) throw_errno("let a confined program read", path);
  return fd;
}

class Rules {
 public:
  Rules(const Fd& ruleset, std::uint64_t known)
      : ruleset_(ruleset), known_(known) {}

  void add(const std::vector<std::string>& paths, std::uint64_t rights) {
    for (const std::string& path : paths) {
      const Fd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
      if (fd) {
        add(fd, path, rights);
      } else if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
        throw_errno("confine a program to", path);
      }
    }
  }
  void add_foreign(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
      add(open_foreign(path), path, kReadBelow);
    }
  }

 private:
  void add(const Fd& fd, const std::string& path, std::uint64_t rights) {
    struct stat st {};
    if (::fstat(fd.get(), &st) != 0) throw_errno("read", path);
    landlock_path_beneath_attr rule{};
    rule.allowed_access = rights & known_;
    if (!S_ISDIR(st.st_mode)) rule.allowed_access &= kOfFiles;
    rule.parent_fd = fd.get();
    if (::syscall(SYS_landlock_add_rule, ruleset_.get(),
                  LANDLOCK_RULE_PATH_BENEATH, &rule, 0u) != 0) {
      throw_errno("confine a program to", path);
    }
  }

  const Fd& ruleset_;
  std::uint64_t known_;
};

}  // namespace

std::string why_unconfined() {
  const int abi = landlock_abi();
  if (abi >= 1) return why_unfiltered();
  if (abi == -ENOSYS) {
    return "this kernel has no Landlock; run Berth on a kernel with it (Linux "
           "5.13 or later with CONFIG_SECURITY_LANDLOCK, such as Debian's)";
  }
  return "Landlock is disabled; boot the kernel with lsm=landlock and the "
         "modules in /sys/kernel/security/lsm";
}

Confinement confined_program() {
  Confinement out;
  out.run = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
             "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64",
             "/usr/libx32", "/usr/libexec", "/usr/local/bin",
             "/usr/local/sbin", "/usr/local/lib"};
  out.read = {"/usr/share", "/usr/local/share", "/etc/ld.so.cache",
              "/etc/ld.so.preload", "/etc/resolv.conf", "/etc/hosts",
              "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf",
              "/etc/services", "/etc/protocols", "/etc/passwd", "/etc/group",
              "/etc/localtime", "/etc/timezone", "/etc/locale.alias",
              "/etc/ssl/certs", "/etc/ssl/openssl.cnf",
              "/etc/ca-certificates", "/etc/pki/tls/certs",
              "/etc/pki/ca-trust/extracted", "/etc/alternatives",
              "/dev/zero", "/dev/urandom", "/dev/random"};
  out.devices = {"/dev/null"};
  return out;
}

Fd make_ruleset(const Confinement& allowed) {
  const std::string why = why_unconfined();
  if (!why.empty()) throw Error("confine", "a program", why);
  const int abi = landlock_abi();
  RulesetAttributes attributes;
  attributes.files = known_to(abi);
  std::size_t size = sizeof attributes.files;
  if (abi >= 6) {
    attributes.scoped = kScopeSignals;
    if (allowed.calls.sockets != Sockets::network) {
      attributes.scoped |= kScopeSockets;
    }
    size = sizeof attributes;
  }
  Fd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset,
                                        &attributes, size, 0u)));
  if (!ruleset) throw_errno("confine", "a program");
  Rules rules(ruleset, attributes.files);
  rules.add(allowed.run, kRun);
  rules.add(allowed.read, kReadBelow);
  rules.add(allowed.write, kWriteBelow);
  rules.add(allowed.devices, kWriteFile);
  rules.add(allowed.listen, kListen);
  rules.add_foreign(allowed.foreign);
  return ruleset;
}

}  // namespace berth
