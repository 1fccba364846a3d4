// SPDX-License-Identifier: GPL-2.0-or-later
// Parses what berth-guest writes while a verb runs, one JSON object per line:
// progress and log lines, which are passed on as they arrive, and finally the
// reply. Root on the guest can write anything, for as long as the call may
// last.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "step/report.hpp"

namespace berth::worker {

// The limit of a line, in bytes.
inline constexpr std::size_t kLongestReply = 256 * 1024;
// The limit of one call, in bytes; berth-guest itself sends far less.
inline constexpr std::size_t kMostReplied = 256 << 20;

class GuestReply {
 public:
  explicit GuestReply(Report& report) : report_(report) {}
  // Takes the next bytes. Throws Away for a line over kLongestReply, or when
  // the total exceeds kMostReplied.
  void take(std::string_view bytes);
  // The last line with a member "ok", which is the reply.
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
