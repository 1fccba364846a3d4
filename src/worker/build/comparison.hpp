// SPDX-License-Identifier: GPL-2.0-or-later
// Compares a rendered file with the one on the guest in a form that people may
// see. diff(1) compares the unmasked files in memory; then each line is masked
// by the side it comes from and its control characters are made visible. A
// changed secret therefore shows as a changed line, from ***** to *****.
#pragma once

#include <optional>
#include <string>

#include "step/deadline.hpp"
#include "step/link.hpp"
#include "worker/build/guest_mask.hpp"

namespace berth::worker {

inline constexpr std::size_t kLongestShown = 256 * 1024;  // text or diff

// All lines masked, without control characters except tab and newline; nullopt
// if it is longer than kLongestShown.
std::optional<std::string> shown_text(const std::string& text,
                                      const GuestMask& mask);

// In the form of diff -u, masked; empty if the files are equal, nullopt if it
// is longer than kLongestShown. `there`: the file exists on the guest.
std::optional<std::string> shown_diff(const std::string& path, bool there,
                                      const std::string& on_guest,
                                      const std::string& rendered,
                                      const GuestMask& mask, Link& link,
                                      Deadline deadline);

}  // namespace berth::worker
