// SPDX-License-Identifier: GPL-2.0-or-later
// What the paths chore last saw in an application's repository, asked by
// somebody who mistyped one of them.
#pragma once

#include <string>
#include <vector>

#include "store/layout.hpp"

namespace berth::worker {

// "; near: branches/checkout-2, ...": up to three known paths that few letters
// make of `path`, nearest first. Empty when there is none, or nothing is known.
std::string near_paths(const Layout& layout, const std::string& application,
                       const std::string& path);

// The same of any list.
std::vector<std::string> nearest(const std::vector<std::string>& known,
                                 const std::string& path);

}  // namespace berth::worker
