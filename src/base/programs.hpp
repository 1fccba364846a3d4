// SPDX-License-Identifier: GPL-2.0-or-later
// Where Berth's own programs are: beside the one that asks (a build tree, a
// test with a copy), else in libexecdir; and what one may know of the
// environment it is started from.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/child.hpp"

namespace berth {

// The path of "berth-worker" or "berth-watch"; throws Error when neither
// place has it.
std::string program_path(const std::string& name);

// The folder that holds what goes to guests: berth-enroll, berth-guest and its
// parts. Of the build tree for a program in it (../../sbin/guest), of the
// installation otherwise; throws Error when neither is there.
std::string guest_folder();

// PATH, HOME, locale: nothing else of what the parent was started with. Of
// the account a child will be, or of whoever asks.
std::vector<std::string> minimal_environment(
    const std::optional<Account>& account = std::nullopt);

// For a program that holds secrets: from here on no process of the same
// account reads its memory, environment or descriptors (/proc, ptrace), and it
// leaves no core. Its /proc/PID is root's; `stat` in it stays readable. What it
// starts has to ask for itself.
void keep_memory_private();

// For a program that reads what its children print: they print in English, in
// whatever language the administrator or the machine speaks.
void speak_english();

// For a program that a server of others can make hold a text of any length: no
// more than `bytes` of data from here on (the soft RLIMIT_DATA). What needs
// more fails for want of memory, and the machine has it still. Not for what it
// starts: Child gives that the hard limit.
void bound_memory(std::size_t bytes);

}  // namespace berth
