// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/toml.hpp"

#include <optional>

#include "base/text.hpp"

namespace berth {
namespace toml_check {

void fail(unsigned line, unsigned column) {
  throw TomlError{line, column, "unexpected character or end of line"};
}

}  // namespace toml_check

namespace {

constexpr int kMostParts = 32;

// Counts the parts of every key. It recognizes strings and comments only, and
// agrees with the parser up to the first error, which is as far as the parser
// builds tables.
class KeyDepth {
 public:
  explicit KeyDepth(std::string_view text) : text_(text) {}

  // The position of the first key with too many parts.
  std::optional<std::size_t> too_deep() {
    int parts = 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        parts = 1;
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else {
        if (c == '.' && ++parts > kMostParts) return at_;
        if (std::string_view("=,[]{}\n").find(c) != std::string_view::npos) {
          parts = 1;
        }
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  void skip_string(char quote) {
    const std::string three(3, quote);
    if (text_.substr(at_).starts_with(three)) {
      skip_until(three, quote);
      // Up to two more quotes belong to the string.
      while (at_ < text_.size() && text_[at_] == quote) ++at_;
    } else {
      skip_until(std::string(1, quote), quote);
    }
  }

  void skip_until(const std::string& end, char quote) {
    at_ += end.size();
    while (at_ < text_.size()) {
      if (text_.substr(at_).starts_with(end)) {
        at_ += end.size();
        return;
      }
      // an error for the parser
      if (end.size() == 1 && text_[at_] == '\n') return;
      at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

TomlError error_at(std::string_view text, std::size_t at, std::string what) {
  TomlError error{1, 1, std::move(what)};
  for (const char c : text.substr(0, at)) {
    if (c == '\n') {
      ++error.line;
      error.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++error.column;  // characters, as toml++ counts
    }
  }
  return error;
}

}  // namespace

toml::table parse_toml(std::string_view text, const std::string& path) {
  if (const auto at = KeyDepth(text).too_deep()) {
    throw error_at(text, *at, "a key must not have more than " +
                                  std::to_string(kMostParts) + " parts");
  }
  toml_check::state = {};
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& e) {
    const auto at = e.source().begin;
    throw TomlError{static_cast<unsigned>(at.line),
                    static_cast<unsigned>(at.column),
                    printable(e.description())};
  }
}

}  // namespace berth
