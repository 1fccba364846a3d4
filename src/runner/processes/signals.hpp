// SPDX-License-Identifier: GPL-2.0-or-later
// TERM, INT and HUP as a descriptor, so that they are handled between two
// operations and interrupt none; and the notification to systemd.
#pragma once

#include <string>

#include "base/fd.hpp"

namespace berth::runner {

// Blocks the signals; children get an empty mask (base/child.hpp).
Fd open_signals();
// The next signal; 0 if none is pending.
int next_signal(int fd);
// sd_notify(3) without its library: sends one datagram to $NOTIFY_SOCKET; does
// nothing if that is not set.
void notify(const std::string& text);

}  // namespace berth::runner
