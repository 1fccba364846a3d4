// SPDX-License-Identifier: GPL-2.0-or-later
// A text as a program would read it that undoes one kind of escaping, with the
// place in the original text of each byte: so a value is found in whatever way
// it was escaped, and what is hidden is the escaped form. (Rejected: searching
// for each escaped form of a value. Which characters are escaped, and in which
// case its digits are, differs from one library to the next.)
//
//   percent     %2F, in either case; `form`: and + for a blank
//   backslash   \n \' \/ \101 \u00e9 \ud83d\ude00 \U0001f600; \xe9 is a byte,
//               as in bytes; `backslash_text`: a character, as in Python's text
//   entities    &amp; &eacute; &#39; &#x27;
//   shell       '\'' and '"'"' for '
//   doubled     '' for ' and "" for ", as in SQL and CSV
//   quoted_printable  =3D, and = at the end of a line that goes on, as in mail
//
// and, for a value that is encoded as a whole:
//
//   hex_digits     letters in lower case; without blanks, colons, commas,
//                  hyphens, newlines and the 0x of a number
//   base64_digits  + and / for - and _; without newlines
//
// and, for a value that is encoded once more:
//
//   hex_bytes      what runs of those digits stand for
//   base64_bytes
//
// Each takes a Decoded, so one can follow the other. The time is linear.
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
  std::vector<std::uint32_t> from, to;  // of each byte, in the original text
};

Decoded as_it_is(std::string_view text);

// What a reader makes of the front of a text; taken 0: nothing.
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

// nullopt when nothing in it is escaped like that.
std::optional<Decoded> unescaped(const Decoded& text, Unescape reader);

Decoded hex_digits(const Decoded& text);
Decoded base64_digits(const Decoded& text);

// Of what those give: of each run of digits that has kShortestRun of them, the
// bytes, if it began `skip` digits later (of base64 up to 3, of hex up to 1),
// after kBetweenRuns, which is in no encoding. What encodes a secret twice is
// longer. Left out are runs that can hold nothing encoded, as most words and
// paths are: without kFewestDigits digits next to each other, which base64 of
// the shortest value has (base64_core()), and without an escape.
inline constexpr std::size_t kShortestRun = 12;
inline constexpr std::size_t kFewestDigits = 7;
inline constexpr char kBetweenRuns = '\xff';
Decoded base64_bytes(const Decoded& digits, std::size_t skip);
Decoded hex_bytes(const Decoded& digits, std::size_t skip);

// The digits of `value` in lower case.
std::string to_hex(std::string_view value);
// What is in every text in base64 that holds `value` after a multiple of three
// bytes and `before` (0, 1 or 2) more.
std::string base64_core(std::string_view value, std::size_t before);

}  // namespace berth
