// SPDX-License-Identifier: GPL-2.0-or-later
// Which changes each user got within the last minute, in memory alone: after a
// start of berthd everybody has a whole minute again. Counted is what was
// accepted and has an effect, because that becomes lines of history and jobs.
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
  // Seconds until the user may have one more; 0: now.
  std::int64_t full_for(const std::string& user, Instant now,
                        int most) const;
  // How many are kept, of all users: none is older than a minute.
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
