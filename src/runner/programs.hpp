// SPDX-License-Identifier: GPL-2.0-or-later
// Where berthd's own programs are: beside berthd itself (a build tree, a test
// with a copy), else in libexecdir; and what they may know of its environment.
#pragma once

#include <string>
#include <vector>

namespace berth::runner {

// The path of "berth-worker" or "berth-watch"; throws Error when neither
// place has it.
std::string program_path(const std::string& name);

// PATH, HOME, locale: nothing else of what berthd was started with.
std::vector<std::string> minimal_environment();

}  // namespace berth::runner
