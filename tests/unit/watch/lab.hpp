// SPDX-License-Identifier: GPL-2.0-or-later
// What the watcher's tests share: the one event loop of the process, bounded
// waiting on it, and a libvirtd of the test's own with its test driver. That
// runs as an ordinary user with every path below one folder, so that no
// libvirt of this machine is near it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/child.hpp"
#include "temporary_dir.hpp"
#include "watch/event_loop.hpp"

namespace berth::watch {

EventLoop& the_loop();

// Turns the loop until `done` or the deadline; says which.
bool turn_until(const std::function<bool()>& done, std::int64_t ms = 10'000);

class PrivateLibvirtd {
 public:
  static bool installed();
  explicit PrivateLibvirtd(const TemporaryDir& dir);
  void start();      // returns when it answers
  void kill_hard();  // as a crash would
  std::string uri() const;
  // virsh with these words; its output. Throws when it fails.
  std::string virsh(std::vector<std::string> words) const;

 private:
  std::string folder_;
  std::unique_ptr<Child> child_;
};

// XML of a test domain.
std::string domain_xml(const std::string& name);

}  // namespace berth::watch
