// SPDX-License-Identifier: GPL-2.0-or-later
// berth-watch [--config FILE] HOST: watches one host until TERM. Started by
// berthd, one per host; can be run by hand as berth while berthd is stopped.
#include <libvirt/libvirt.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "base/config.hpp"
#include "base/error.hpp"
#include "base/lock.hpp"
#include "base/log.hpp"
#include "store/layout.hpp"
#include "watch/watcher.hpp"

namespace {

constexpr const char* kUsage = "usage: berth-watch [--config FILE] HOST\n";

[[noreturn]] void watch_host(const std::string& file, const std::string& name) {
  using namespace berth;
  const Config config = load_config(file);
  const auto host = config.hosts.find(name);
  if (host == config.hosts.end()) {
    throw Error("watch", "host " + name,
                "no [host." + name + "] in " + config.file);
  }
  const Layout layout(config.paths);
  const Dir locks(layout.lock);
  const auto lock = Lock::try_take(locks, "watch-" + name);
  if (!lock) {
    throw Error("watch", "host " + name,
                "already watched by " + Lock::owner(locks, "watch-" + name));
  }
  const State state(layout.state);
  watch::silence_libvirt();
  watch::EventLoop loop;
  watch::Watcher watcher(loop, state, host->second, watch::kFirstRetryMs,
                         config.folder + "/ssh_config");
  // What nobody waits for is ignored (signal(7)): berthd may say it at once.
  const watch::OnSignal poked(loop, SIGURG, [&] { watcher.look_again(); });
  watcher.connect();
  for (;;) loop.turn();
}

}  // namespace

int main(int argc, char** argv) {
  std::string file, host;
  bool understood = true;
  for (int next = 1; next < argc; ++next) {
    const std::string word = argv[next];
    if (word == "--version") {
      return std::printf("berth-watch %s\n", berth::version()) < 0;
    } else if (word == "--config" && next + 1 < argc) {
      file = argv[++next];
    } else if (word.starts_with('-') || !host.empty()) {
      understood = false;
    } else {
      host = word;
    }
  }
  if (!understood || host.empty()) {
    std::fputs(kUsage, stderr);
    return 64;
  }
  berth::log_as("berth-watch " + host);
  try {
    watch_host(file, host);
  } catch (const std::exception& error) {
    berth::log_error(error.what());
    return 1;
  }
}
