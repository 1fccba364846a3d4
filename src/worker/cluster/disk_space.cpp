// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/disk_space.hpp"

#include <sys/statvfs.h>

namespace berth::worker {

std::optional<std::int64_t> free_bytes(Cluster& cluster) {
  const std::string host = address_of(cluster.config()).host;
  if (!host.starts_with('/') && host != "localhost" && host != "127.0.0.1" &&
      host != "::1") {
    return std::nullopt;
  }
  try {
    const Rows rows =
        cluster.sql().query("SELECT current_setting('data_directory')");
    struct statvfs found {};
    if (::statvfs(rows.at(0).at(0).value_or("").c_str(), &found) != 0) {
      return std::nullopt;
    }
    return static_cast<std::int64_t>(found.f_bavail * found.f_frsize);
  } catch (const SqlError& e) {
    if (e.sqlstate() != "42501") throw;
    return std::nullopt;  // berthctl doctor reports the missing grant
  }
}

}  // namespace berth::worker
