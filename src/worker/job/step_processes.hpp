// SPDX-License-Identifier: GPL-2.0-or-later
// Supervises steps that run at the same time as processes of their own. Each
// has a socket to this process (step/link.hpp) as descriptor 3, and inherits
// the job's lock as descriptor 4. Their reports are written to the journal;
// their questions are passed up to berthd and the answers back down.
//
// The first step to fail stops the others; a cancel stops all. Stopped steps
// get some time to undo what they began (cancel a CREATE DATABASE, end a
// checkout) and are killed when it is over.
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
  bool open = false;  // a step on a host: it has connected
  bool begun = false;  // a step on a host: it has begun to change something

  // Of the packet that ended the step; empty if it has none.
  std::string message() const;
  json::value note() const;
};

// `command`: the program and its arguments.
StepProcess start_step(const std::string& step,
                       const std::vector<std::string>& command, int lock_fd);

class StepProcesses {
 public:
  // `ends`: also record successful ends in the journal. `grace_ms`: how long
  // stopped steps get to undo what they began.
  StepProcesses(std::vector<StepProcess> running, Link& link, Journal& journal,
                bool ends = true, std::int64_t grace_ms = kUndoGrace);

  // Returns when all have ended. Throws Interrupted after a cancel or stop.
  void run();
  // For one step on a host: false when it was killed because it did not connect
  // before `open`, or did not end before `deadline`.
  bool run_until(Deadline open, Deadline deadline);

  // The first that failed, which is why the others were stopped; nullptr: none.
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
