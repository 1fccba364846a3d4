// SPDX-License-Identifier: GPL-2.0-or-later
// Suggests paths for a mistyped one, from the list that the paths chore last
// published for an application.
#pragma once

#include <string>
#include <vector>

#include "store/layout.hpp"

namespace berth::worker {

// "; near: branches/checkout-2, ...": up to three known paths that differ from
// `path` in few letters, the nearest first. Empty when there is none, or when
// no list has been published.
std::string near_paths(const Layout& layout, const std::string& application,
                       const std::string& path);

// The same for any list of paths.
std::vector<std::string> nearest(const std::vector<std::string>& known,
                                 const std::string& path);

}  // namespace berth::worker
