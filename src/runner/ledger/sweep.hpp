// SPDX-License-Identifier: GPL-2.0-or-later
// Removes old files: receipts, logs, bad/, and the locks of ended jobs (rubbish
// in drop/: bad_drops.hpp). Each folder also has a maximum size, above which
// the oldest files are removed, so that nobody can fill the disk before they
// are old; the receipt of a drop that still exists is kept. Runs at start and
// every ten minutes; only regular files are removed, and anything else is left
// alone.
#pragma once

#include <functional>
#include <string>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "runner/world/world.hpp"
#include "store/layout.hpp"

namespace berth::runner {

inline constexpr Instant kReceiptsKept = 7 * 86400;
inline constexpr Instant kRubbishKept = 86400;

// Bytes on disk. A receipt takes a block: 65,536 of 4 KiB.
struct SweepSizes {
  std::int64_t logs = std::int64_t{4} << 30;
  std::int64_t receipts = std::int64_t{256} << 20;
  std::int64_t bad = std::int64_t{64} << 20;
};

class Sweep {
 public:
  Sweep(const Layout& layout, const World& world)
      : layout_(layout), world_(world) {}
  void run(const SweepSizes& most = {}) const;
  // At start, before anything is written: removes our own unfinished files, and
  // the steps of jobs that have ended.
  void unfinished() const;

 private:
  void receipts(std::int64_t most) const;
  void logs(std::int64_t most) const;
  void locks() const;
  const Layout& layout_;
  const World& world_;
};

}  // namespace berth::runner
