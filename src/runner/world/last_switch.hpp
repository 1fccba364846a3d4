// SPDX-License-Identifier: GPL-2.0-or-later
// The switch that made a server's newest configuration, and what was there
// before it, as the server's history tells: what an undo would go back
// behind. History lines are given to follow() as they are written, and at
// start read_last_switch() finds the same in the files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/history.hpp"

namespace berth::runner {

struct LastSwitch {
  std::int64_t job = 0;            // 0: there was none
  bool checkout = false;           // it moved `current`
  bool database = false;           // it swapped databases
  std::optional<Instant> began;    // when its worker did
  std::optional<Configuration> before;
  // A later build that got as far as its checkout and did not succeed: the
  // slot that `before` was served from is no longer whole. 0: none.
  std::int64_t lost_to = 0;

  // `before`: the configuration that the line before this one carries.
  void follow(const HistoryLine& line,
              const std::optional<Configuration>& before);
};

LastSwitch read_last_switch(const Dir& dir, const std::string& server);

}  // namespace berth::runner
