// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/programs.hpp"

#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

#include "base/error.hpp"

namespace berth {
namespace {

std::string own_path() {
  char path[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0 || n == sizeof path) throw_errno("read", "/proc/self/exe");
  return {path, static_cast<std::size_t>(n)};
}

}  // namespace

std::string program_path(const std::string& name) {
  const std::string self = own_path();
  const std::size_t slash = self.rfind('/');
  for (const std::string& folder :
       {self.substr(0, slash), std::string(BERTH_LIBEXECDIR)}) {
    const std::string path = folder + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  throw Error("find", name, "it is neither next to " + self.substr(slash + 1) +
                                " nor in " BERTH_LIBEXECDIR);
}

std::string guest_folder() {
  const std::string self = own_path();
  const std::string folder = self.substr(0, self.rfind('/'));
  for (const std::string& place :
       {folder + "/../../sbin/guest", folder + "/../share/berth/guest",
        std::string(BERTH_DATADIR "/guest")}) {
    if (::access((place + "/berth-enroll").c_str(), R_OK) == 0) return place;
  }
  throw Error("find", "berth-enroll", "it is not in " BERTH_DATADIR "/guest");
}

std::vector<std::string> minimal_environment(
    const std::optional<Account>& account) {
  std::string name = "berth";
  std::string home = "/";
  if (account) {
    name = account->name;
    home = account->home;
  } else if (const passwd* me = ::getpwuid(::geteuid())) {
    name = me->pw_name;
    home = me->pw_dir;
  }
  return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME=" + home, "USER=" + name, "LOGNAME=" + name,
          "LANG=C.UTF-8"};
}

void speak_english() {
  // UTF-8, because in the locale C svn accepts no other name. LANGUAGE is
  // ignored only in the locale C.
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::unsetenv("LANGUAGE");
}

void keep_memory_private() {
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) throw_errno("hide", "own memory");
}

void bound_memory(std::size_t bytes) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_DATA, &limit) != 0) throw_errno("bound", "own memory");
  limit.rlim_cur = std::min<rlim_t>(bytes, limit.rlim_max);
  if (::setrlimit(RLIMIT_DATA, &limit) != 0) throw_errno("bound", "own memory");
}

}  // namespace berth
