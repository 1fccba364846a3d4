// SPDX-License-Identifier: GPL-2.0-or-later
// Functions on text that many places need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

bool is_valid_utf8(std::string_view text);
// The number of Unicode code points in valid UTF-8: the unit in which people's
// text is limited, here, on the page and on a guest.
std::size_t characters(std::string_view text);
// Bytes below 0x20 and 0x7f; also U+0080..U+009F in UTF-8.
bool has_control_characters(std::string_view text);

// The first character of `text` that changes the direction of surrounding text,
// or that ends a line although it is one line to us, as "U+202E"; empty: none.
// They are U+2028 to U+202E (separators, embeddings, overrides), U+2066 to
// U+2069 (isolates) and the marks U+200E, U+200F and U+061C. A mark is an
// invisible letter: it reaches no further than a letter of Hebrew, Arabic or
// Latin, and Hebrew and Arabic keyboards produce it. So text for people may
// contain marks, as in the warnings of rustc and GHC, but a name must not,
// because two names must not look alike. printable() shows text written by
// others.
enum class Marks { refused, taken };
std::string turning_character(std::string_view text,
                              Marks marks = Marks::refused);

// Matches a whole name with the wildcards * and ?; no classes, no escapes.
bool glob_match(std::string_view pattern, std::string_view name);

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view by);
std::string lower(std::string_view text);
// Without spaces, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);

// The decimal number, without a sign, that `text` begins with; it is removed
// from the front. nullopt: there is none, or it exceeds 2^63 - 1.
std::optional<std::int64_t> take_number(std::string_view& text);
// The same if nothing else is in the text.
std::optional<std::int64_t> whole_number(std::string_view text);
// The value of a hexadecimal digit in either case; -1 for any other character.
int hex_digit(char c);

// From the kernel's random source; `bytes` bytes make 2 * bytes digits.
std::string random_hex(std::size_t bytes);

// A name-based UUID (version 5, SHA-1) as 32 lower-case hexadecimal digits: the
// fingerprint for ETags, idempotency and template digests. It is not a secret.
std::string fingerprint(std::string_view text);

// The text with `?` for every byte that is not UTF-8.
std::string valid_utf8(std::string_view text);

// The printable form of untrusted text, for one line of a message: text in any
// language is kept; control characters, direction characters (above) and
// invalid UTF-8 become \xNN; a text of more than `cap` bytes is cut between
// characters and ends with "...".
std::string printable(std::string_view text, std::size_t cap = 200);

}  // namespace berth
