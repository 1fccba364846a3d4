// SPDX-License-Identifier: GPL-2.0-or-later
// The call of one verb: the request is written while the reply is read;
// progress and log lines are passed on as they arrive. Used by guest.cpp only.
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
  // `command` is an argument vector; `request` is the whole of stdin.
  GuestCall(const std::vector<std::string>& command,
            const Confinement& confinement, std::string request, Link& link,
            Report& report);
  // Returns when the reply and ssh have ended. Throws Interrupted (the verb has
  // been cancelled and has ended), SlowGuest when the deadline passes.
  ExitStatus finish(Deadline deadline);

  const std::optional<json::object>& last() const { return reply_.last(); }
  // ssh's stderr, masked with the link's mask.
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

// The deadline passed; the verb has been cancelled and has ended.
struct SlowGuest {};

}  // namespace berth::worker
