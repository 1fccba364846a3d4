// SPDX-License-Identifier: GPL-2.0-or-later
// libvirt's own event loop, on the one thread there is, with timers and the
// end by TERM or INT. libvirt is C: an exception must not cross it, so what a
// callback throws is kept and thrown again by run().
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
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Until TERM, INT or stop(); throws what a callback threw.
  void run();
  void stop() { stopping_ = true; }
  // One turn: waits for something to happen and handles it.
  void turn();

  // Runs `work`; keeps what it throws and stops. For C callbacks.
  void guard(const std::function<void()>& work) noexcept;

 private:
  static void on_signal(int watch, int fd, int events, void* self);
  Fd signals_;
  int watch_ = -1;
  bool stopping_ = false;
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

}  // namespace berth::watch
