// SPDX-License-Identifier: GPL-2.0-or-later
// The job that last changed a server's configuration and the configuration it
// replaced, as recorded in the server's history: what an undo would revert.
// Each history line is passed to follow() as it is written; read_last_switch()
// computes the same from the files at start.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/history.hpp"

namespace berth::runner {

struct LastSwitch {
  std::int64_t job = 0;            // 0: there is none
  bool checkout = false;           // it moved `current`
  bool database = false;           // it swapped the databases
  std::optional<Instant> began;    // when its worker began
  std::optional<Configuration> before;
  // A later build that began its checkout and did not succeed: it has
  // overwritten the slot that `before` was served from. 0: none.
  std::int64_t lost_to = 0;

  // `before`: the configuration in the previous history line.
  void follow(const HistoryLine& line,
              const std::optional<Configuration>& before);
};

LastSwitch read_last_switch(const Dir& dir, const std::string& server);

}  // namespace berth::runner
