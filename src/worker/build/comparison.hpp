// SPDX-License-Identifier: GPL-2.0-or-later
// A rendered file beside what is on the guest, as people may see both: diff(1)
// compares them as they are, in memory, and then each line is masked for the
// side it is from and its control characters made visible. So a secret that was
// changed is a line that changes, from ***** to *****.
#pragma once

#include <optional>
#include <string>

#include "step/deadline.hpp"
#include "step/link.hpp"
#include "worker/build/guest_mask.hpp"

namespace berth::worker {

inline constexpr std::size_t kLongestShown = 256 * 1024;  // text or diff

// All lines masked, no control characters but tab and newline; nullopt when
// it is longer than kLongestShown.
std::optional<std::string> shown_text(const std::string& text,
                                      const GuestMask& mask);

// In the form of diff -u, masked; empty when they are the same. `there`: the
// guest has the file at all.
std::optional<std::string> shown_diff(const std::string& path, bool there,
                                      const std::string& on_guest,
                                      const std::string& rendered,
                                      const GuestMask& mask, Link& link,
                                      Deadline deadline);

}  // namespace berth::worker
