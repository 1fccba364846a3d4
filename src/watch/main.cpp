// SPDX-License-Identifier: GPL-2.0-or-later
// berth-watch [--config FILE] HOST: watches one host until TERM. berthd starts
// one per host; it can be run by hand, as berth, while berthd is stopped.
#include <libvirt/libvirt.h>

#include <csignal>
#include <exception>
#include <string>

#include "base/config.hpp"
#include "base/error.hpp"
#include "base/lock.hpp"
#include "base/log.hpp"
#include "base/options.hpp"
#include "store/layout.hpp"
#include "watch/watcher.hpp"

namespace {

using namespace berth;

[[noreturn]] void watch_host(const std::string& file, const std::string& name) {
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
  // SIGURG, because it is ignored by default (signal(7)): berthd may send it at
  // any time.
  const watch::OnSignal poked(loop, SIGURG, [&] { watcher.look_again(); });
  watcher.connect();
  for (;;) loop.turn();
}

}  // namespace

int main(int argc, char** argv) {
  const Program program{
      "berth-watch",
      "usage: berth-watch [--config FILE] HOST\n"
      "       berth-watch --help | --version\n",
      {"config:"}};
  const CommandLine line = command_line(program, argc, argv);
  if (line.words.size() != 1) exit_usage(program, "berth-watch takes one host");
  log_as(program.name + " " + line.words[0]);
  try {
    watch_host(line.value("config"), line.words[0]);
  } catch (const std::exception& error) {
    log_error(error.what());
    return 1;
  }
}
