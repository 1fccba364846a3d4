// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/edges.hpp"

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

}  // namespace

Edges::Edges(std::string_view text)
    : after_(text.size() + 1, kNone),
      before_(text.size() + 1, kNone),
      lost_after_(text.size() + 1),
      lost_before_(text.size() + 1) {
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
      }
    }
  }
}

}  // namespace berth
