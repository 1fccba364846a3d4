// SPDX-License-Identifier: GPL-2.0-or-later
// What every handler may use: the config, the folders, and whether berthd is
// there. The web side reads, and adds files to drop/; there is nothing here
// that could wait for a host, a cluster or a guest.
#pragma once

#include <memory>
#include <string>

#include "base/config.hpp"
#include "store/layout.hpp"
#include "store/state.hpp"
#include "web/published.hpp"

namespace berth::web {

// berthd as its heartbeat tells: state/health.json, written every two
// seconds. (Its lock would say the same, but nothing the web user can open is
// ever locked.)
struct Runner {
  bool up = false;
  std::string detail;  // why it is away
  json::object health;  // the last one published; empty: never
};

class Console {
 public:
  // Throws Error when a folder cannot be opened.
  explicit Console(Config config);

  const Config& config() const { return config_; }
  const Layout& layout() const { return layout_; }
  const State& state() const { return state_; }

  // Read now: changes must know.
  Runner runner() const;
  // At most a quarter of a second old: for the mark on every reply.
  bool runner_up();

  // A published list, never null; Problem 503 while there is none.
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
