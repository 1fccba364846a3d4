// SPDX-License-Identifier: GPL-2.0-or-later
// Waits for berthd's decision. inotify is the hint, the file is the truth: it
// is looked for at each wake-up, and often enough without any when the
// kernel has no watches left. Made before the drop is written, so that no
// receipt comes unseen.
#pragma once

#include <cstdint>
#include <optional>

#include "base/dir.hpp"
#include "base/fd.hpp"
#include "store/receipt.hpp"

namespace berth::web {

class ReceiptWatch {
 public:
  ReceiptWatch(const Dir& receipts, const Dir& drop);

  // Durable when it is returned: what a client is told must outlive a power
  // cut, and the receipt can be seen before berthd has fsynced receipts/.
  // Waits at most that long, then a moment for berthd to have applied it
  // (the drop is gone), so that a client that looks at once finds its job.
  std::optional<Receipt> wait(const std::string& token,
                              std::int64_t timeout_ms) const;

 private:
  void sleep(std::int64_t timeout_ms) const;
  const Dir& receipts_;
  const Dir& drop_;
  Fd inotify_;
};

}  // namespace berth::web
