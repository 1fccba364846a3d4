// SPDX-License-Identifier: GPL-2.0-or-later
// The changes that each user made within the last minute, for the limit on
// them. Only accepted changes with an effect count, because those add history
// lines and jobs. Kept in memory only: a restart of berthd starts a new minute.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "base/clock.hpp"

namespace berth::runner {

class Recent {
 public:
  void note(const std::string& user, Instant now);
  // Seconds until the user may make another change; 0: now.
  std::int64_t full_for(const std::string& user, Instant now,
                        int most) const;
  // How many changes of all users are kept: none is older than a minute.
  std::size_t size() const { return all_.size(); }

 private:
  struct Change {
    Instant at;
    std::string user;
  };
  std::deque<Change> all_;  // oldest first
  std::map<std::string, std::deque<Instant>> of_;
};

}  // namespace berth::runner
