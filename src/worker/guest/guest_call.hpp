// SPDX-License-Identifier: GPL-2.0-or-later
// One verb on its way: the request is written while the reply is read, progress
// and log lines are passed on as they come. Used by guest.cpp only.
#pragma once

#include <optional>
#include <string>

#include "base/child.hpp"
#include "base/json.hpp"
#include "step/deadline.hpp"
#include "step/report.hpp"
#include "worker/guest/guest_reply.hpp"

namespace berth::worker {

class GuestCall {
 public:
  // The command as an argument vector; `request` is all that stdin gets.
  GuestCall(const std::vector<std::string>& command,
            const Confinement& confinement, std::string request, Link& link,
            Report& report);
  // To the end of the reply and of ssh. Throws Interrupted (the guest has been
  // told, and its end awaited), SlowGuest when the deadline passed.
  ExitStatus finish(Deadline deadline);

  const std::optional<json::object>& last() const { return reply_.last(); }
  // ssh's stderr, without the secrets that the link hides.
  std::string errors() const { return link_.mask()(errors_); }

 private:
  bool step(std::int64_t timeout_ms, bool interruptible);
  void cancel();
  void write_some();
  void read_reply();
  void read_errors();

  Link& link_;
  GuestReply reply_;
  std::string request_;
  std::size_t written_ = 0;
  Fd in_, out_, err_;
  Child child_;
  std::string errors_;
};

// The deadline passed; the verb has been cancelled and its end awaited.
struct SlowGuest {};

}  // namespace berth::worker
