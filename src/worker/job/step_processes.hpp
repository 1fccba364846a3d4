// SPDX-License-Identifier: GPL-2.0-or-later
// Steps that run as processes of their own, at the same time: each has a socket
// to this process (step/link.hpp) as descriptor 3, and the job's lock, which it
// keeps, as descriptor 4. What they report goes into the journal, what they ask
// goes up to berthd and the answers down.
//
// The first to fail stops the others; a cancel stops all. They get a time to
// undo what they began (a CREATE DATABASE is cancelled, a checkout ended) and
// are killed after that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/child.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"
#include "worker/job/journal.hpp"

namespace berth::worker {

inline constexpr std::int64_t kUndoGrace = 40 * 1000;  // ms

struct StepProcess {
  std::string step;
  Fd socket;
  std::optional<Child> child;
  std::optional<json::object> end;
  std::vector<std::string> asked;  // questions passed up, not yet answered
  bool open = false;               // a step on a host: it is connected
  bool told = false;               // the same: it began to change something

  // Of the packet that ended it; empty where that has none.
  std::string message() const;
  json::value note() const;
};

// `command`: the program, and what it is given.
StepProcess start_step(const std::string& step,
                       const std::vector<std::string>& command, int lock_fd);

class StepProcesses {
 public:
  // `ends`: the journal gets the steps' good ends, too. `grace_ms`: how long
  // they get to undo what they began.
  StepProcesses(std::vector<StepProcess> running, Link& link, Journal& journal,
                bool ends = true, std::int64_t grace_ms = kUndoGrace);

  // Until all have ended. Throws Interrupted when they were stopped for that.
  void run();
  // A step on a host: false when it was killed because the host, or all of it,
  // took too long.
  bool run_until(Deadline open, Deadline deadline);

  // The first: the others were only stopped because of it. nullptr: none.
  const StepProcess* failed() const;
  const std::vector<StepProcess>& all() const { return running_; }

 private:
  bool alive() const;
  std::vector<pollfd> sockets() const;
  void round(std::int64_t timeout_ms);
  void read(const std::vector<pollfd>& fds);
  void take(StepProcess& step, const json::object& packet);
  void set_end(StepProcess& step, const json::object& end);
  void pass_down(const json::object& answer);
  void ended(StepProcess& step);
  void stop(const char* word);

  std::vector<StepProcess> running_;
  std::optional<std::size_t> failed_;
  Link& link_;
  Journal& journal_;
  bool ends_;
  std::int64_t grace_ms_;
};

}  // namespace berth::worker
