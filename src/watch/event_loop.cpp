// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/event_loop.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "base/error.hpp"

namespace berth::watch {

EventLoop::EventLoop() {
  // libvirt's loop goes on after EINTR, so signals arrive as a descriptor.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) {
    throw_errno("block", "signals");
  }
  signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) throw_errno("create", "signal descriptor");
  ::signal(SIGPIPE, SIG_IGN);
  if (virEventRegisterDefaultImpl() != 0) {
    throw Error("register", "event loop", virGetLastErrorMessage());
  }
  watch_ = virEventAddHandle(signals_.get(), VIR_EVENT_HANDLE_READABLE,
                             on_signal, this, nullptr);
  if (watch_ < 0) {
    throw Error("watch", "signal descriptor", virGetLastErrorMessage());
  }
}

EventLoop::~EventLoop() {
  virEventRemoveHandle(watch_);
}

void EventLoop::on_signal(int, int fd, int, void* self) {
  signalfd_siginfo info;
  [[maybe_unused]] const ssize_t n = ::read(fd, &info, sizeof info);
  static_cast<EventLoop*>(self)->stopping_ = true;
}

void EventLoop::run() {
  while (!stopping_) turn();
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

}  // namespace berth::watch
