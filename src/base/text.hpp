// SPDX-License-Identifier: GPL-2.0-or-later
// Small questions about text, asked in many places and answered once.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

bool is_valid_utf8(std::string_view text);
// Unicode code points of valid UTF-8: the unit in which people's text is
// limited, here, on the page and on a guest.
std::size_t characters(std::string_view text);
// Bytes below 0x20 and 0x7f; also U+0080..U+009F in UTF-8.
bool has_control_characters(std::string_view text);

// The first character of `text` that turns the direction of what is around it
// or ends a line that is one line to us, as "U+202E"; empty: none. They are
// U+2028 to U+202E (separators, embeddings, overrides), U+2066 to U+2069
// (isolates) and the marks U+200E, U+200F and U+061C. A mark is a letter that
// nobody sees: it reaches no further than a letter of Hebrew, Arabic or Latin,
// and keyboards of those who write Hebrew and Arabic set it. So what people
// write for people may have marks, as in the warnings of rustc and GHC, and a
// name, where two must not look alike, may not. What others wrote is shown by
// printable().
enum class Marks { refused, taken };
std::string turning_character(std::string_view text,
                              Marks marks = Marks::refused);

// Shell-style * and ? over a whole name; no classes, no escapes.
bool glob_match(std::string_view pattern, std::string_view name);

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view by);
std::string lower(std::string_view text);
// 0 to 15 of a hexadecimal digit in either case; -1 for anything else.
int hex_digit(char c);

// From the kernel's random source; `bytes` bytes are 2 * bytes digits.
std::string random_hex(std::size_t bytes);

// A name-based UUID (version 5, SHA-1) as 32 lower-case hex digits: the
// fingerprint for ETags, idempotency and template digests. Not a secret.
std::string fingerprint(std::string_view text);

// The text with `?` in place of every byte that is not UTF-8.
std::string valid_utf8(std::string_view text);

// Printable form of hostile text for one line of a message: text in any
// language stays; control characters, turning characters (above) and what is
// not UTF-8 become \xNN; of more than `cap` bytes the first are kept, cut
// between characters, with "..." after them.
std::string printable(std::string_view text, std::size_t cap = 200);

}  // namespace berth
