// SPDX-License-Identifier: GPL-2.0-or-later
// Finds Berth's own programs: in the folder of the calling program (a build
// tree, a test with a copy), otherwise in libexecdir; and restricts what a
// program takes from its environment.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/child.hpp"

namespace berth {

// The path of "berth-worker" or "berth-watch"; throws Error if it is in neither
// folder.
std::string program_path(const std::string& name);

// The folder with the files for guests: berth-enroll, berth-guest and its
// parts. Of the build tree for a program in it (../../sbin/guest), otherwise of
// the installation; throws Error if neither exists.
std::string guest_folder();

// PATH, HOME and locale, and nothing else of the parent's environment. For the
// account of the future child, or else our own.
std::vector<std::string> minimal_environment(
    const std::optional<Account>& account = std::nullopt);

// For a program with secrets: from here on no process of the same account can
// read its memory, environment or descriptors (/proc, ptrace), and it leaves no
// core. Its /proc/PID belongs to root; `stat` in it stays readable. Its
// children must call this themselves.
void keep_memory_private();

// For a program that parses what its children print: makes them print English,
// whatever the language of the administrator or the machine is.
void speak_english();

// For a program that a foreign server can make allocate a text of any length:
// limits data to `bytes` from here on (the soft RLIMIT_DATA). A larger
// allocation fails, and the machine keeps its memory. It does not apply to
// children: Child gives them the hard limit.
void bound_memory(std::size_t bytes);

}  // namespace berth
