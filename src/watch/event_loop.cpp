// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/event_loop.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace berth::watch {

EventLoop::EventLoop() {
  // A host that closes the connection is an error of a call, not the end of us.
  ::signal(SIGPIPE, SIG_IGN);
  if (virEventRegisterDefaultImpl() != 0) {
    throw Error("register", "event loop", virGetLastErrorMessage());
  }
}

void EventLoop::turn() {
  if (virEventRunDefaultImpl() != 0) {
    throw Error("run", "event loop", virGetLastErrorMessage());
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void EventLoop::guard(const std::function<void()>& work) noexcept {
  if (failure_) return;
  try {
    work();
  } catch (...) {
    failure_ = std::current_exception();
  }
}

Timer::Timer(EventLoop& loop, std::function<void()> work)
    : loop_(loop), work_(std::move(work)) {
  id_ = virEventAddTimeout(-1, on_time, this, nullptr);
  if (id_ < 0) throw Error("add", "timer", virGetLastErrorMessage());
}

Timer::~Timer() {
  virEventRemoveTimeout(id_);
}

void Timer::once(std::int64_t ms) {
  start(ms, false);
}
void Timer::every(std::int64_t ms) {
  start(ms, true);
}

void Timer::start(std::int64_t ms, bool repeat) {
  repeat_ = repeat;
  running_ = true;
  virEventUpdateTimeout(id_, static_cast<int>(ms));
}

void Timer::stop() {
  running_ = false;
  virEventUpdateTimeout(id_, -1);
}

void Timer::on_time(int, void* self) {
  auto& timer = *static_cast<Timer*>(self);
  if (!timer.repeat_) timer.stop();
  timer.loop_.guard(timer.work_);
}

OnSignal::OnSignal(EventLoop& loop, int signal, std::function<void()> work)
    : loop_(loop), work_(std::move(work)) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, signal);
  if (::sigprocmask(SIG_BLOCK, &mask, nullptr) != 0) {
    throw_errno("block", "signal " + std::to_string(signal));
  }
  fd_ = Fd(::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw_errno("watch", "signal " + std::to_string(signal));
  id_ = virEventAddHandle(fd_.get(), VIR_EVENT_HANDLE_READABLE, on_readable,
                          this, nullptr);
  if (id_ < 0) throw Error("add", "signal", virGetLastErrorMessage());
}

OnSignal::~OnSignal() { virEventRemoveHandle(id_); }

void OnSignal::on_readable(int, int fd, int, void* self) {
  signalfd_siginfo signal_info{};
  while (::read(fd, &signal_info, sizeof signal_info) == sizeof signal_info) {
  }
  auto& on_signal = *static_cast<OnSignal*>(self);
  on_signal.loop_.guard(on_signal.work_);
}

}  // namespace berth::watch
