// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/service_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "base/error.hpp"

namespace berth::worker {
namespace {

// libpq reads a line into 1024 bytes, including its end.
constexpr std::size_t kLongestServiceLine = 1000;

}  // namespace

ServiceFile::ServiceFile(const std::map<std::string, std::string>& values)
    : fd_(::memfd_create("pg_service.conf", MFD_CLOEXEC)) {
  if (!fd_) throw_errno("create", "a service file for pg_restore");
  std::string text = "[berth]\n";
  for (const auto& [name, value] : values) {
    const std::string line = name + "=" + value;
    if (line.size() > kLongestServiceLine ||
        line.find_first_of("\r\n") != std::string::npos ||
        line.find_last_not_of(" \t\v\f") + 1 != line.size()) {
      throw Error("pass on", "conninfo's " + name,
                  "libpq cannot read it from a service file: it has a line "
                  "break, ends in a space or has more than " +
                      std::to_string(kLongestServiceLine) + " bytes");
    }
    text += line + "\n";
  }
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(fd_.get(), text.data() + at, text.size() - at);
    if (n < 0) throw_errno("write", "a service file for pg_restore");
    at += static_cast<std::size_t>(n);
  }
}

}  // namespace berth::worker
