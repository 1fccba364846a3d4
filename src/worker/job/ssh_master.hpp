// SPDX-License-Identifier: GPL-2.0-or-later
// One ssh connection as ControlMaster, which others use through its socket: a
// worker's child steps, and a confined rsync, whose ssh then needs neither key
// nor known_hosts nor ssh_config. It ends with its object.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/child.hpp"
#include "step/deadline.hpp"
#include "step/link.hpp"

namespace berth::worker {

class SshMaster {
 public:
  explicit SshMaster(std::string socket) : socket_(std::move(socket)) {}
  SshMaster(const SshMaster&) = delete;
  SshMaster& operator=(const SshMaster&) = delete;
  ~SshMaster();

  // Empty: connected. Else why not: what ssh printed, and how it ended.
  struct Refusal {
    std::string errors, status;
  };
  // `command` is ssh with its options, -M among them, and the host; it is told
  // where its socket is. Waits until others can use it.
  std::optional<Refusal> connect(const std::vector<std::string>& command,
                                 const Confinement& confinement, Link& link,
                                 Deadline deadline);
  bool connected();
  // What it printed when it ended; empty while it lives.
  std::string last_words();

 private:
  std::string socket_;
  std::optional<Child> child_;
  Fd errors_;
};

}  // namespace berth::worker
