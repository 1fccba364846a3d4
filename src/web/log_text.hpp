// SPDX-License-Identifier: GPL-2.0-or-later
// Cuts a piece of a log between characters, not within one.
#pragma once

#include <string>

namespace berth::web {

// Removes an incomplete UTF-8 sequence from the end. Bytes that are not UTF-8
// at all are kept: a reader must get past them.
void cut_torn_character(std::string& text);

}  // namespace berth::web
