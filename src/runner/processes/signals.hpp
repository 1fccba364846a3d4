// SPDX-License-Identifier: GPL-2.0-or-later
// TERM, INT and HUP as a descriptor, so that they come in between two acts and
// never in the middle of one; and the word to systemd that we are ready.
#pragma once

#include <string>

#include "base/fd.hpp"

namespace berth::runner {

// Blocks the signals; children get an empty mask (base/child.hpp).
Fd open_signals();
// The next one, 0 when there is none.
int next_signal(int fd);
// sd_notify(3) by hand: one datagram to $NOTIFY_SOCKET, nothing without it.
void notify(const std::string& text);

}  // namespace berth::runner
