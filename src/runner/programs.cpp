// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/programs.hpp"

#include <pwd.h>
#include <unistd.h>

#include <climits>

#include "base/error.hpp"

namespace berth::runner {
namespace {

std::string own_folder() {
  char path[PATH_MAX];
  const ssize_t n = ::readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0 || n == sizeof path) throw_errno("read", "/proc/self/exe");
  const std::string self(path, static_cast<std::size_t>(n));
  return self.substr(0, self.rfind('/'));
}

}  // namespace

std::string program_path(const std::string& name) {
  for (const std::string& folder :
       {own_folder(), std::string(BERTH_LIBEXECDIR)}) {
    const std::string path = folder + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  throw Error("find", name,
              "it is neither beside berthd nor in " BERTH_LIBEXECDIR);
}

std::vector<std::string> minimal_environment() {
  const passwd* me = ::getpwuid(::geteuid());
  const std::string home = me ? me->pw_dir : "/";
  const std::string name = me ? me->pw_name : "berth";
  return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME=" + home, "USER=" + name, "LOGNAME=" + name,
          "LANG=C.UTF-8"};
}

}  // namespace berth::runner
