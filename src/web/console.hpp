// SPDX-License-Identifier: GPL-2.0-or-later
// What every handler uses: the configuration, the folders, and whether berthd
// runs. The web side only reads, and adds files to drop/; nothing here can wait
// for a host, a cluster or a guest.
#pragma once

#include <memory>
#include <string>

#include "base/config.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"
#include "web/published.hpp"

namespace berth::web {

// The state of berthd by its heartbeat: state/health.json, which it writes
// every two seconds. (Its lock would tell as well, but no file that the web
// user can open is ever locked.)
struct Runner {
  bool up = false;
  std::string detail;  // why it does not run
  json::object health;  // as last published; empty: never
};

class Console {
 public:
  // Throws Error if a folder cannot be opened.
  explicit Console(Config config);

  const Config& config() const { return config_; }
  const Layout& layout() const { return layout_; }
  const State& state() const { return state_; }

  // Read now, because changes must know.
  Runner runner() const;
  // At most a quarter of a second old: for the header of every reply.
  bool runner_up();

  // A published list, never nullptr; throws Problem 503 while there is none.
  std::shared_ptr<const StateBody> resource(const std::string& name);
  json::value resource_json(const std::string& name) const;

 private:
  Config config_;
  Layout layout_;
  State state_;
  Published published_;
  bool up_ = false;
  std::int64_t asked_ms_ = -1;
};

}  // namespace berth::web
