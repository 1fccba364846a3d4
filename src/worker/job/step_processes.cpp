// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/step_processes.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace berth::worker {
namespace {

constexpr int kLockDescriptor = 4;

}  // namespace

std::string StepProcess::message() const {
  return end ? string_or(*end, "message", "") : "";
}

json::value StepProcess::note() const {
  const auto* note = end ? end->if_contains("note") : nullptr;
  return note ? *note : json::value(nullptr);
}

StepProcess start_step(const std::string& step,
                       const std::vector<std::string>& command, int lock_fd) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    throw_errno("make a socket for", step);
  }
  StepProcess out;
  out.step = step;
  out.socket = Fd(ends[0]);
  const Fd theirs(ends[1]);
  ChildOptions options;
  options.pass = {{3, theirs.get()}, {kLockDescriptor, lock_fd}};
  out.child = Child::start(command, options);
  return out;
}

StepProcesses::StepProcesses(std::vector<StepProcess> running, Link& link,
                             Journal& journal, bool ends,
                             std::int64_t grace_ms)
    : running_(std::move(running)),
      link_(link),
      journal_(journal),
      ends_(ends),
      grace_ms_(grace_ms) {}

void StepProcesses::run() {
  while (alive()) {
    try {
      round(1000);
    } catch (const Interrupted& why) {
      stop(why.why == Interrupted::Why::cancel ? "cancel" : "stop");
      throw;
    }
    if (failed_) return stop("cancel");
  }
}

bool StepProcesses::run_until(Deadline open, Deadline deadline) {
  while (alive()) {
    const Deadline& end = running_[0].open ? deadline : open;
    if (end.passed()) {
      stop("cancel");
      return false;
    }
    try {
      round(std::min<std::int64_t>(1000, end.left_ms()));
    } catch (const Interrupted&) {
      stop("cancel");
      throw;
    }
  }
  return true;
}

const StepProcess* StepProcesses::failed() const {
  return failed_ ? &running_.at(*failed_) : nullptr;
}

bool StepProcesses::alive() const {
  return std::any_of(running_.begin(), running_.end(),
                     [](const StepProcess& r) { return bool(r.socket); });
}

std::vector<pollfd> StepProcesses::sockets() const {
  std::vector<pollfd> out;
  for (const StepProcess& r : running_) {
    if (r.socket) out.push_back({r.socket.get(), POLLIN, 0});
  }
  return out;
}

void StepProcesses::round(std::int64_t timeout_ms) {
  std::vector<pollfd> fds = sockets();
  link_.wait(fds, timeout_ms);
  read(fds);
  for (const json::object& answer : link_.take_answers()) pass_down(answer);
}

void StepProcesses::read(const std::vector<pollfd>& fds) {
  for (const pollfd& ready : fds) {
    if (ready.revents == 0) continue;
    for (StepProcess& r : running_) {
      if (!r.socket || r.socket.get() != ready.fd) continue;
      const Packet packet = receive_packet(ready.fd);
      if (packet.object) take(r, *packet.object);
      if (packet.end) ended(r);
    }
  }
}

void StepProcesses::set_end(StepProcess& r, const json::object& end) {
  r.end = end;
  if (!bool_or(end, "ok", false) && !failed_) {
    failed_ = static_cast<std::size_t>(&r - running_.data());
  }
}

void StepProcesses::take(StepProcess& r, const json::object& packet) {
  if (const auto* log = if_string(packet, "log")) {
    journal_.log_for(r.step, std::string(*log));
  } else if (const auto* progress = if_object(packet, "progress")) {
    journal_.progress_for(r.step, progress_from_json(*progress));
  } else if (const auto* end = if_object(packet, "end")) {
    set_end(r, *end);
    if (ends_ && bool_or(*end, "ok", false)) {
      journal_.end(r.step, "done", r.message(), r.note());
    }
  } else if (packet.contains("ask")) {
    const std::string what = string_or(packet, "ask", "");
    r.asked.push_back(what);
    if (link_.by_hand()) {
      pass_down({{"answer", what}, {"go", true}});
    } else {
      link_.send(packet);
    }
  } else if (packet.contains("give")) {
    link_.send(packet);
  } else if (packet.contains("open")) {
    r.open = true;
  } else if (packet.contains("told")) {
    if (!r.begun) journal_.note_for(r.step, {{"told", true}});
    r.begun = true;
      // The step must not be interrupted any more, and so this process waits.
    if (packet.contains("whole")) link_.shield();
  }
}

void StepProcesses::pass_down(const json::object& answer) {
  const std::string what = string_or(answer, "answer", "");
  for (StepProcess& r : running_) {
    if (std::erase(r.asked, what) == 0 || !r.socket) continue;
    send_packet(r.socket.get(), answer);
    return;
  }
}

void StepProcesses::ended(StepProcess& r) {
  r.socket.close();
  const auto status = r.child->wait(grace_ms_ + 1000);
  if (r.end) return;
  set_end(r, {{"ok", false},
              {"message",
               "its process exited without a result: " +
                   (status ? status->text() : "it does not exit")}});
}

void StepProcesses::stop(const char* word) {
  for (const StepProcess& r : running_) {
    if (r.socket) send_packet(r.socket.get(), {{word, true}});
  }
  const Deadline grace = Deadline::in_ms(grace_ms_);
  while (alive() && !grace.passed()) {
    std::vector<pollfd> fds = sockets();
    ::poll(fds.data(), fds.size(), 500);
    read(fds);
  }
  for (StepProcess& r : running_) {
    if (r.socket) r.child->stop(1000);
  }
}

}  // namespace berth::worker
