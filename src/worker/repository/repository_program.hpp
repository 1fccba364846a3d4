// SPDX-License-Identifier: GPL-2.0-or-later
// svn or git, asked of one repository and confined. Where the repository is
// reached over ssh, one master (worker/job/ssh_master.hpp) is opened first,
// with berth's key and known_hosts, for all that is asked: svn and git get its
// socket and read neither.
//
// Use:
//   RepositoryProgram program(application, link, deadline);
//   program.run({"git", "ls-remote", "--", url}, cap);
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "worker/job/process.hpp"

namespace berth::worker {

class RepositoryProgram {
 public:
  // Throws Error when the repository's host cannot be reached over ssh.
  RepositoryProgram(const ApplicationConfig& application, Link& link,
                    Deadline deadline);
  ~RepositoryProgram();

  // Of the output `cap` bytes are kept.
  RunResult run(std::vector<std::string> argv, std::size_t cap) const;
  // It may write `scratch`, no file larger than `largest` bytes.
  RunResult fetch(std::vector<std::string> argv, std::size_t cap,
                  const std::string& scratch, std::int64_t largest) const;
  // It may write `scratch`, and reaches no repository but that.
  RunResult look(std::vector<std::string> argv, std::size_t cap,
                 const std::string& scratch) const;

  const ApplicationConfig& application;
  const std::string& url;  // of the repository

 private:
  struct Tunnel;
  RunResult run_confined(std::vector<std::string> argv, std::size_t cap,
                         const Confinement& confinement) const;
  Link& link_;
  Deadline deadline_;
  std::unique_ptr<Tunnel> tunnel_;  // nullptr: not over ssh
};

// What ssh is to connect to: "[USER@]HOST", and a port or nothing.
struct SshTarget {
  std::string host, port;
};
SshTarget ssh_target(const std::string& repository);

}  // namespace berth::worker
