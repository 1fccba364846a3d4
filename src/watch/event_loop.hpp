// SPDX-License-Identifier: GPL-2.0-or-later
// libvirt's own event loop, on the one thread there is, with timers. libvirt
// is C: an exception must not cross it, so what a callback throws is kept and
// thrown again by turn().
//
// TERM is not handled: its default ends the process at once, also one that
// hangs in a call into libvirt, and what is published is replaced by rename.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>

#include "base/fd.hpp"

namespace berth::watch {

class EventLoop {
 public:
  // One per process, before the first libvirt connection.
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // One turn: waits for something to happen and handles it; throws
  // what a callback threw.
  void turn();

  // Runs `work` and keeps what it throws. For C callbacks.
  void guard(const std::function<void()>& work) noexcept;

 private:
  std::exception_ptr failure_;
};

// Calls `work` after start(ms), once or again and again.
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

// Calls `work` in a turn of the loop when this signal has come.
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
