// SPDX-License-Identifier: GPL-2.0-or-later
// A hold: the holder of a server, since when, until when, and why. A pure
// value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/described.hpp"

namespace berth {

struct Hold {
  std::string user;
  Instant since = 0;
  Instant until = 0;
  std::string note;
  // Set if the hold ends with a job, as `release` says.
  std::optional<std::int64_t> job;
  std::string release = "never";  // "on_success", "always", "never"
  // The build that took a free server, until somebody extends the hold: if the
  // build changed nothing on the server, the hold ends with it.
  std::optional<std::int64_t> made_by = std::nullopt;

  bool operator==(const Hold&) const = default;
};

BOOST_DESCRIBE_STRUCT(Hold, (),
                      (user, since, until, note, job, release, made_by))
template <>
inline constexpr JsonRules kJsonRules<Hold>{.name = "hold",
                                            .left_out = {"made_by"}};

}  // namespace berth
