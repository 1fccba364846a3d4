// SPDX-License-Identifier: GPL-2.0-or-later
// What berth-guest writes while a verb runs, one JSON object a line: progress
// and log lines, which are passed on as they come, and at last the reply. Who
// is root on the guest can write anything, for as long as the call may last.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "step/report.hpp"

namespace berth::worker {

// Bytes of the longest line.
inline constexpr std::size_t kLongestReply = 256 * 1024;
// Bytes of one call; what berth-guest itself sends is far from it.
inline constexpr std::size_t kMostReplied = 256 << 20;

class GuestReply {
 public:
  explicit GuestReply(Report& report) : report_(report) {}
  // In any pieces. Throws Away for a line over kLongestReply, or more than
  // kMostReplied.
  void take(std::string_view bytes);
  // The last line with a member "ok"; the only one that is the reply.
  const std::optional<json::object>& last() const { return last_; }

 private:
  void take_line(std::string_view line);
  void log(const std::string& text);

  Report& report_;
  std::string partial_;
  std::size_t lines_ = 0, said_ = 0;  // logged; lines and bytes
  std::size_t taken_ = 0;             // bytes
  std::optional<json::object> last_;
};

}  // namespace berth::worker
