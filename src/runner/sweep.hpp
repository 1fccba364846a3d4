// SPDX-License-Identifier: GPL-2.0-or-later
// What has an age after which it goes: receipts, logs, bad/, locks of jobs
// that ended (rubbish in drop/: bad_drops.hpp). Logs have a size, too: of more
// than 4 GiB the oldest go. Run at start and every ten minutes;
// only regular files are removed, whatever else was planted stays where it is.
#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "runner/world.hpp"
#include "store/layout.hpp"

namespace berth::runner {

inline constexpr Instant kReceiptsKept = 7 * 86400;
inline constexpr Instant kRubbishKept = 86400;
inline constexpr std::int64_t kMostLogs = std::int64_t{4} << 30;  // bytes

class Sweep {
 public:
  Sweep(const Layout& layout, const World& world)
      : layout_(layout), world_(world) {}
  void run(std::int64_t most_logs = kMostLogs) const;  // bytes
  // At start, before anything is written: our own unfinished files, and steps
  // whose job has ended.
  void unfinished() const;

 private:
  void receipts() const;
  void logs(std::int64_t most) const;
  void locks() const;
  const Layout& layout_;
  const World& world_;
};

}  // namespace berth::runner
