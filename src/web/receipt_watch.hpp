// SPDX-License-Identifier: GPL-2.0-or-later
// Waits for berthd's decision. inotify is a hint only, the file is
// authoritative: it is looked for at each wake-up, and regularly if the kernel
// has no watches left. It must be created before the drop is written, so that
// it misses no receipt.
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

  // The receipt is durable when it is returned: what a client has been sent
  // must survive a power failure, and the receipt is visible before berthd has
  // fsynced receipts/. Waits at most for the given time, then a moment for
  // berthd to apply it (the drop is removed), so that a client that reads at
  // once finds its job.
  std::optional<Receipt> wait(const std::string& token,
                              std::int64_t timeout_ms) const;

 private:
  void sleep(std::int64_t timeout_ms) const;
  const Dir& receipts_;
  const Dir& drop_;
  Fd inotify_;
};

}  // namespace berth::web
