// SPDX-License-Identifier: GPL-2.0-or-later
// Cutting a log between characters, not within one.
#pragma once

#include <string>

namespace berth::web {

// Removes an unfinished UTF-8 sequence from the end. Bytes that are no UTF-8
// at all stay: a reader must get past them.
void cut_torn_character(std::string& text);

}  // namespace berth::web
