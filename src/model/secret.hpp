// SPDX-License-Identifier: GPL-2.0-or-later
// Which values can be hidden in what people read. Hiding replaces every
// occurrence, so a value that is also an everyday word, or is short enough to
// occur by chance, would turn logs into garbage and tell the reader, by where
// the asterisks are, what it is. Such a value is not hidden (step/mask) and
// `berthctl check` warns of it (ctl/findings): the two ask this one question.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth {

inline constexpr std::size_t kShortestHidden = 6;  // characters, not bytes

// The reason why `secret` cannot be hidden, as the end of a sentence ("has
// fewer than 6 characters"); nullopt when it can. `application`: its name is
// an everyday word, too. A secret of several lines is judged as a whole here,
// and line by line by the mask.
std::optional<std::string> why_not_hidden(std::string_view secret,
                                          std::string_view application);

// Without what an editor or another system leaves around a value: blanks, tabs,
// carriage returns, newlines, a byte order mark. A template writes the whole of
// the file; whoever uses the value seldom prints those.
std::string_view essence(std::string_view secret);

// Of SCHEME://USER:PASSWORD@HOST; empty when it has none.
std::string_view password_in(std::string_view url);

}  // namespace berth
