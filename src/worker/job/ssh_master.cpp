// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/ssh_master.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace berth::worker {

SshMaster::~SshMaster() {
  if (!child_) return;
  child_->stop(2000);
  ::unlink(socket_.c_str());
}

std::optional<SshMaster::Refusal> SshMaster::connect(
    const std::vector<std::string>& command, const Confinement& confinement,
    Link& link, Deadline deadline) {
  child_.reset();
  ::unlink(socket_.c_str());  // left by a worker that died
  Pipe errors = make_pipe();
  ChildOptions options;
  options.stderr_fd = errors.write.get();
  options.confinement = confinement;
  child_ = Child::start(command, options);
  errors.write.close();
  errors_ = std::move(errors.read);
  struct stat found {};
  while (::lstat(socket_.c_str(), &found) != 0) {
    if (const auto status = child_->poll_exit()) {
      return Refusal{link.mask()(last_words()), status->text()};
    }
    if (deadline.passed()) {
      child_.reset();
      return Refusal{"", ""};
    }
    std::vector<pollfd> fds = {{child_->pidfd(), POLLIN, 0}};
    link.wait(fds, 20);
  }
  return std::nullopt;
}

bool SshMaster::connected() { return child_ && !child_->poll_exit(); }

std::string SshMaster::last_words() {
  if (connected() || !errors_) return "";
  return read_all(errors_.get(), 64 * 1024, "ssh").value_or("");
}

}  // namespace berth::worker
