// SPDX-License-Identifier: GPL-2.0-or-later
// A text with one kind of escaping undone, and for each of its bytes the place
// in the original text. A value is therefore found however it was escaped, and
// what gets hidden is the escaped form. (Rejected: searching for each escaped
// form of a value. Which characters are escaped, and whether digits are upper
// or lower case, differs between libraries.)
//
//   percent     %2F, in either case; `form` reads + as a space as well
//   backslash   \n \' \/ \101 \u00e9 \ud83d\ude00 \U0001f600; \xe9 is a byte,
//               as in C; `backslash_text` makes it a character, as in Python's
//               str
//   entities    &amp; &eacute; &#39; &#x27;
//   shell       '\'' and '"'"' for '
//   doubled     '' for ' and "" for ", as in SQL and CSV
//   quoted_printable  =3D, and = as a soft line break, as in mail
//
// For a value that is encoded as a whole:
//
//   hex_digits     hexadecimal digits in lower case; spaces, colons, commas,
//                  hyphens, newlines and the 0x of a number are removed
//   base64_digits  - and _ become + and /; newlines are removed
//
// For a value that is encoded twice:
//
//   hex_bytes      the bytes that runs of those digits encode
//   base64_bytes
//
// Each takes a Decoded, so they can be chained. The time is linear in the text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

struct Decoded {
  std::string bytes;
  std::vector<std::uint32_t> from, to;  // per byte: its range in the original
};

Decoded as_it_is(std::string_view text);

// What an escape at the front of a text stands for; taken 0: no escape.
struct Piece {
  std::size_t taken = 0;
  std::string bytes;
};
using Unescape = Piece (*)(std::string_view rest);

Piece percent(std::string_view rest);
Piece form(std::string_view rest);
Piece backslash(std::string_view rest);
Piece backslash_text(std::string_view rest);
Piece entities(std::string_view rest);
Piece shell(std::string_view rest);
Piece doubled(std::string_view rest);
Piece quoted_printable(std::string_view rest);

inline constexpr std::array<Unescape, 8> kEscapes = {
    percent,  form,  backslash, backslash_text,
    entities, shell, doubled,   quoted_printable};

// nullopt when the text contains no such escape.
std::optional<Decoded> unescaped(const Decoded& text, Unescape reader);

Decoded hex_digits(const Decoded& text);
Decoded base64_digits(const Decoded& text);

// The decoded bytes of each run of at least kShortestRun digits, read as if it
// began `skip` digits later (base64: up to 3, hex: up to 1). kBetweenRuns, a
// byte that no encoding uses, precedes each. A secret that was encoded twice is
// longer than kShortestRun. Runs that cannot contain anything encoded, such as
// most words and paths, are left out: those without an escape and without
// kFewestDigits adjacent digits, which the base64 of the shortest secret has
// (base64_core()).
inline constexpr std::size_t kShortestRun = 12;
inline constexpr std::size_t kFewestDigits = 7;
inline constexpr char kBetweenRuns = '\xff';
Decoded base64_bytes(const Decoded& digits, std::size_t skip);
Decoded hex_bytes(const Decoded& digits, std::size_t skip);

// Hexadecimal, in lower case.
std::string to_hex(std::string_view value);
// The digits that occur in every base64 text in which `value` follows a
// multiple of three bytes plus `before` (0, 1 or 2) more.
std::string base64_core(std::string_view value, std::size_t before);

}  // namespace berth
