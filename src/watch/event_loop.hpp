// SPDX-License-Identifier: GPL-2.0-or-later
// libvirt's own event loop, on the only thread, with timers. libvirt is C,
// which an exception must not cross, so what a callback throws is stored and
// thrown again by turn().
//
// TERM is not handled: its default action ends the process at once, even if it
// hangs in a call of libvirt, and what it publishes is replaced by rename.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>

#include "base/fd.hpp"

namespace berth::watch {

class EventLoop {
 public:
  // One per process, created before the first libvirt connection.
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Waits for the next event and handles it; throws what a callback threw.
  void turn();

  // Runs `work` and stores what it throws. For C callbacks.
  void guard(const std::function<void()>& work) noexcept;

 private:
  std::exception_ptr failure_;
};

// Calls `work` after start(ms), once or repeatedly.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> work);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void once(std::int64_t ms);
  void every(std::int64_t ms);
  void stop();
  bool running() const { return running_; }

 private:
  static void on_time(int timer, void* self);
  void start(std::int64_t ms, bool repeat);
  EventLoop& loop_;
  std::function<void()> work_;
  int id_ = -1;
  bool repeat_ = false;
  bool running_ = false;
};

// Calls `work` in a turn of the loop after this signal.
class OnSignal {
 public:
  OnSignal(EventLoop& loop, int signal, std::function<void()> work);
  ~OnSignal();
  OnSignal(const OnSignal&) = delete;
  OnSignal& operator=(const OnSignal&) = delete;

 private:
  static void on_readable(int watch, int fd, int events, void* self);
  EventLoop& loop_;
  std::function<void()> work_;
  Fd fd_;
  int id_ = -1;
};

}  // namespace berth::watch
