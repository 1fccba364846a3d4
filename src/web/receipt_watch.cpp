// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/receipt_watch.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/clock.hpp"
#include "store/drop.hpp"

namespace berth::web {
namespace {

constexpr std::int64_t kLookAnyway = 100;       // milliseconds
constexpr std::int64_t kLookWithoutWatch = 10;
constexpr std::int64_t kApplied = 200;

}  // namespace

ReceiptWatch::ReceiptWatch(const Dir& receipts, const Dir& drop)
    : receipts_(receipts),
      drop_(drop),
      inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!inotify_) return;
  const bool watched =
      ::inotify_add_watch(inotify_.get(), receipts.path().c_str(),
                          IN_MOVED_TO | IN_CREATE) >= 0 &&
      ::inotify_add_watch(inotify_.get(), drop.path().c_str(), IN_DELETE) >= 0;
  if (!watched) inotify_.close();
}

// EINTR is a wake-up like any other.
void ReceiptWatch::sleep(std::int64_t timeout_ms) const {
  const std::int64_t most = inotify_ ? kLookAnyway : kLookWithoutWatch;
  const int ms = static_cast<int>(std::clamp<std::int64_t>(timeout_ms, 0,
                                                           most));
  struct pollfd event = {inotify_.get(), POLLIN, 0};  // -1: only the timeout
  if (::poll(&event, 1, ms) <= 0) return;
  std::array<char, 4096> unused;
  while (::read(inotify_.get(), unused.data(), unused.size()) > 0) {
  }
}

std::optional<Receipt> ReceiptWatch::wait(const std::string& token,
                                          std::int64_t timeout_ms) const {
  const std::int64_t deadline = monotonic_ms() + timeout_ms;
  std::optional<Receipt> receipt = read_receipt(receipts_, token);
  while (!receipt) {
    const std::int64_t left = deadline - monotonic_ms();
    if (left <= 0) return std::nullopt;
    sleep(left);
    receipt = read_receipt(receipts_, token);
  }
  receipts_.sync();
  const std::int64_t applied =
      std::min(deadline, monotonic_ms() + kApplied);
  while (drop_.exists(drop_name(token)) && monotonic_ms() < applied) {
    sleep(applied - monotonic_ms());
  }
  return receipt;
}

}  // namespace berth::web
