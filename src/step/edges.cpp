// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/edges.hpp"

#include <algorithm>
#include <cctype>

namespace berth {
namespace {

// Bytes of half an escape; the longest is \ud83d\ude0 with every character
// written as %xx.
constexpr std::size_t kLongestHalf = 36;
constexpr std::string_view kEscapeStarts = "%\\&'\"=";
// What a program writes in place of a byte of an incomplete character.
constexpr std::string_view kLostMarks[] = {"?", "\xef\xbf\xbd"};
constexpr int kMostLost = 3;
constexpr std::string_view kCutMarks[] = {"...", "\xe2\x80\xa6"};

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// Whether `c` can be part of an escape.
bool is_in_escapes(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("#;&%=\\'\"").find(c) != std::string_view::npos;
}

// The size of the mark at the end of `text`; 0: there is none.
std::size_t lost_mark_at_end(std::string_view text) {
  for (const std::string_view lost : kLostMarks) {
    if (text.ends_with(lost)) return lost.size();
  }
  return 0;
}

std::size_t lost_mark_at_begin(std::string_view text) {
  for (const std::string_view lost : kLostMarks) {
    if (text.starts_with(lost)) return lost.size();
  }
  return 0;
}

bool is_any_of(std::string_view set, std::string_view text) {
  return text.find_first_not_of(set) == std::string_view::npos;
}

// Bytes of what is_rest_of_escape() knows: the rest of `\ud83d\\ude00`.
constexpr std::size_t kLongestRest = 12;

// Whether `text` is what a cut leaves of an escape of step/decoded.hpp when it
// takes its beginning: `e4` of \u00e4, `amp;`, `5Cn` of %5Cn, `"'"'`.
bool is_rest_of_escape(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  if (text.empty() || text.size() > kLongestRest) return false;
  if (is_any_of("'\"\\", text)) return true;
  // The second half of a pair, after what is left of the first.
  const std::size_t pair = text.find("\\u");
  if (pair != std::string_view::npos) {
    std::string_view first = text.substr(0, pair);
    if (first.ends_with('\\')) first.remove_suffix(1);
    if (first.starts_with('u')) first.remove_prefix(1);
    return is_any_of(kDigits, first) &&
           is_any_of(kDigits, text.substr(pair + 2));
  }
  if (text.back() == ';') {
    return std::all_of(text.begin(), text.end(), [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '#' ||
             c == ';';
    });
  }
  // A backslash that was escaped itself.
  for (const std::string_view outer : {"5C", "5c", "C", "c", "\\"}) {
    if (!text.starts_with(outer) || text.size() == outer.size()) continue;
    text.remove_prefix(outer.size());
    break;
  }
  constexpr std::string_view kLetters = "abefnrtvuUx";
  if (text.size() == 1 && is_any_of(kLetters, text)) return true;
  if (is_any_of("uUx", text.substr(0, 1))) text.remove_prefix(1);
  return text.size() <= 8 && is_any_of(kDigits, text);
}

}  // namespace

Edges::Edges(std::string_view text)
    : after_(text.size() + 1, kNone),
      before_(text.size() + 1, kNone),
      lost_after_(text.size() + 1),
      lost_before_(text.size() + 1),
      rest_before_(text.size() + 1) {
  const std::size_t size = text.size();
  const auto mark = [](std::vector<std::uint32_t>& edges, std::size_t at) {
    edges[at] = static_cast<std::uint32_t>(at);
  };
  mark(after_, size);
  mark(before_, 0);
  for (std::size_t i = 0; i < size; ++i) {
    if (is_line_end(text[i])) {
      mark(after_, i);
      mark(before_, i + 1);
    }
    for (const std::string_view cut : kCutMarks) {
      if (text.substr(i, cut.size()) != cut) continue;
      mark(after_, i);
      mark(before_, i + cut.size());
    }
  }
  for (std::size_t edge = 0; edge <= size; ++edge) {
    std::size_t at = edge;
    for (int i = 0; i < kMostLost && after_[edge] == edge; ++i) {
      const std::size_t mark_size = lost_mark_at_end(text.substr(0, at));
      at -= mark_size;
      if (mark_size == 0 || after_[at] != kNone) break;
      after_[at] = static_cast<std::uint32_t>(edge);
      lost_after_[at] = true;
    }
    at = edge;
    for (int i = 0; i < kMostLost && before_[edge] == edge; ++i) {
      const std::size_t mark_size = lost_mark_at_begin(text.substr(at));
      at += mark_size;
      if (mark_size == 0 || before_[at] != kNone) break;
      before_[at] = static_cast<std::uint32_t>(edge);
      lost_before_[at] = true;
    }
  }
  for (std::size_t end = 0; end <= size; ++end) {
    if (after_[end] != end) continue;
    for (std::size_t i = end; i > 0 && end - i < kLongestHalf;) {
      if (!is_in_escapes(text[--i])) break;
      if (after_[i] == kNone &&
          kEscapeStarts.find(text[i]) != std::string_view::npos) {
        after_[i] = static_cast<std::uint32_t>(end);
      }
    }
  }
  for (std::size_t begin = size + 1; begin-- > 0;) {
    if (before_[begin] != begin) continue;
    for (std::size_t i = begin;
         i < size && i - begin < kLongestHalf && is_in_escapes(text[i]);) {
      if (before_[++i] == kNone) {
        before_[i] = static_cast<std::uint32_t>(begin);
        rest_before_[i] = is_rest_of_escape(text.substr(begin, i - begin));
      }
    }
  }
}

}  // namespace berth
