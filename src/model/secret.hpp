// SPDX-License-Identifier: GPL-2.0-or-later
// Decides which values can be masked in text for people. Masking replaces every
// occurrence, so a value that is also a common word, or short enough to occur
// by chance, would make logs unreadable and reveal the value by the position of
// the asterisks. Such a value is not masked (step/mask), and `berthctl check`
// warns of it (ctl/findings): both call this.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth {

inline constexpr std::size_t kShortestHidden = 6;  // characters, not bytes

// Why `secret` cannot be masked, as the end of a sentence ("has fewer than 6
// characters"); nullopt if it can. `application`: its name counts as a common
// word. A secret of several lines is judged as a whole here, and line by line
// by the mask.
std::optional<std::string> why_not_hidden(std::string_view secret,
                                          std::string_view application);

// The value without what an editor or another system adds around it: spaces,
// tabs, carriage returns, newlines, a byte order mark. A template writes the
// whole file, but programs that use the value seldom print those.
std::string_view essence(std::string_view secret);

// The password in SCHEME://USER:PASSWORD@HOST; empty if there is none.
std::string_view password_in(std::string_view url);

}  // namespace berth
