// SPDX-License-Identifier: GPL-2.0-or-later
// Runs svn or git confined on one repository. If the repository is accessed
// over ssh, one master connection (worker/job/ssh_master.hpp) is opened first,
// with berth's key and known_hosts, and serves all commands: svn and git get
// its socket and read neither file.
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

  // At most `cap` bytes of the output are kept.
  RunResult run(std::vector<std::string> argv, std::size_t cap) const;
  // The program may write `scratch`, but no file larger than `largest` bytes.
  RunResult fetch(std::vector<std::string> argv, std::size_t cap,
                  const std::string& scratch, std::int64_t largest) const;
  // The program may write `scratch` and cannot access any other repository.
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

// Where ssh connects to: "[USER@]HOST", and a port if the URL has one.
struct SshTarget {
  std::string host, port;
};
SshTarget ssh_target(const std::string& repository);

}  // namespace berth::worker
