// SPDX-License-Identifier: GPL-2.0-or-later
// One ssh connection as ControlMaster. Other processes use it through its
// socket: a worker's child steps, and a confined rsync, whose ssh then needs
// neither a key nor known_hosts nor ssh_config. The connection ends with its
// object.
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

  // Why it could not connect: what ssh printed, and its exit status.
  struct Refusal {
    std::string errors, status;
  };
  // Starts ssh and waits until others can use the socket. `command` is ssh with
  // its options, including -M and the path of the socket, and the host. Returns
  // nullopt when connected.
  std::optional<Refusal> connect(const std::vector<std::string>& command,
                                 const Confinement& confinement, Link& link,
                                 Deadline deadline);
  bool connected();
  // What ssh printed before it exited; empty while it is running.
  std::string last_words();

 private:
  std::string socket_;
  std::optional<Child> child_;
  Fd errors_;
};

}  // namespace berth::worker
