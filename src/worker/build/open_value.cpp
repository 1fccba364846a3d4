// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/build/open_value.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace berth::worker {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::size_t indentation(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool is_alnum(char c) { return std::isalnum(static_cast<unsigned char>(c)); }

// Whether the ' at byte `i` is that of "don't", "it's" or "hosts' names", and
// no quote.
bool is_apostrophe(std::string_view text, std::size_t i) {
  if (i == 0 || !is_alnum(text[i - 1])) return false;
  std::size_t end = i + 1;
  while (end < text.size() && is_alnum(text[end])) ++end;
  const std::string_view after = text.substr(i + 1, end - i - 1);
  if (after.empty()) {
    return text[i - 1] == 's' && (end == text.size() || text[end] == ' ');
  }
  constexpr std::array<std::string_view, 7> kAfter = {"s",  "t",  "re", "ll",
                                                      "ve", "d", "m"};
  return std::find(kAfter.begin(), kAfter.end(), after) != kAfter.end();
}

// The longest quote that begins there; empty: none.
std::string_view quote_at(std::string_view text, std::size_t i) {
  constexpr std::array<std::string_view, 5> kQuotes = {"\"\"\"", "'''", "\"",
                                                       "'", "`"};
  for (const std::string_view quote : kQuotes) {
    if (text.substr(i, quote.size()) == quote) return quote;
  }
  return {};
}

bool begins_comment(std::string_view text, std::size_t i) {
  if (text[i] != '#' && text.substr(i, 2) != "//") return false;
  return i == 0 || kBlanks.find(text[i - 1]) != std::string_view::npos;
}

// Whether a shell may read the value, for which a backslash in single quotes is
// one: not in a list, and not after a = or : with a blank after it.
bool can_be_shell(std::string_view before, std::string_view rest) {
  if (without_blanks(rest).ends_with(',')) return false;
  if (before.empty()) return true;
  constexpr std::string_view kInList = ":>,([{";
  if (kInList.find(before.back()) != std::string_view::npos) return false;
  return before.back() != '=' || rest.empty() ||
         kBlanks.find(rest.front()) == std::string_view::npos;
}

// Whether the next line belongs to what ends so.
bool asks_for_more(std::string_view text) {
  constexpr std::array<std::string_view, 8> kOperators = {
      "\\", " +", " .", " ||", " &&", " &", " |", "\":"};
  return std::any_of(
      kOperators.begin(), kOperators.end(),
      [text](std::string_view each) { return text.ends_with(each); });
}

// The word that ends a here-document which begins in `value`; empty: none.
std::string here_word(std::string_view value) {
  std::string word;
  const std::size_t here = value.find("<<");
  if (here == std::string_view::npos) return word;
  for (const char c : value.substr(here + 2)) {
    if (is_alnum(c) || c == '_') {
      word += c;
    } else if (!word.empty()) {
      break;
    }
  }
  return word;
}

// An end tag may be anywhere in a line; the word of a here-document is the
// first of its line, and a line of the value may contain it.
bool ends_at(std::string_view end, std::string_view text) {
  if (end == "</") return text.find(end) != std::string_view::npos;
  if (!text.starts_with(end)) return false;
  if (text.size() == end.size()) return true;
  const char next = text[end.size()];
  return std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '_';
}

}  // namespace

void OpenValue::Reading::read(std::string_view text, std::size_t value) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!quote.empty()) {
      if (c == '\\' && (escapes || quote != "'")) {
        ++i;
      } else if (text.substr(i, quote.size()) == quote) {
        i += quote.size() - 1;
        quote = {};
      }
      continue;
    }
    if (comments && begins_comment(text, i)) return;
    if (c == '\\') {
      ++i;
    } else if (c == '(' || c == '[' || c == '{') {
      depth += i >= value;
    } else if (c == ')' || c == ']' || c == '}') {
      depth = std::max(depth - 1, 0);
    } else if (c != '\'' || !is_apostrophe(text, i)) {
      quote = quote_at(text, i);
      if (!quote.empty()) i += quote.size() - 1;
    }
  }
}

OpenValue OpenValue::at(std::string_view line, std::size_t at) {
  at = std::min(at, line.size());
  const std::string_view before = line.substr(0, at);
  const std::string_view rest = line.substr(at);
  const std::string_view value = without_blanks(rest);
  OpenValue out;
  out.indent_ = indentation(line);
  out.list_ = value.empty();
  out.scalar_ = value.starts_with('|') || value.starts_with('>');
  out.end_ = here_word(value);
  if (out.end_.empty() && without_blanks(line).starts_with('<') &&
      value.find("</") == std::string_view::npos && !value.ends_with("/>")) {
    out.end_ = "</";
  }
  const std::string_view all = without_blanks(line);
  out.next_ = asks_for_more(all) || (value.empty() && all.ends_with('='));
  if (out.scalar_) return out;
  // What begins a quote before the value ends in it.
  for (const bool escapes : {true, false}) {
    if (!escapes && !can_be_shell(before, rest)) continue;
    for (const bool comments : {true, false}) {
      Reading reading{escapes, comments};
      reading.read(line, at);
      out.readings_.push_back(reading);
    }
  }
  return out;
}

bool OpenValue::takes(std::string_view line) {
  const std::string_view text = without_blanks(line);
  bool part = next_;
  for (const Reading& reading : readings_) part = part || reading.open();
  if (indented_) {
    const std::size_t here = indentation(line);
    indented_ = text.empty() || here > indent_ ||
                (list_ && here == indent_ &&
                 (text == "-" || text.starts_with("- ")));
    part = part || indented_;
  }
  if (!end_.empty()) {
    if (ends_at(end_, text)) end_.clear();
    return true;
  }
  next_ = part && asks_for_more(text);
  if (!part) return false;
  for (Reading& reading : readings_) reading.read(text);
  return true;
}

}  // namespace berth::worker
