// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/statement.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::worker {
namespace {

bool is_sql_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
         c == '\v';
}
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_word(char c) { return starts_word(c) || is_digit(c); }

class Splitter {
 public:
  Splitter(std::string_view text, const std::string& name)
      : text_(text), name_(name) {}

  std::vector<Statement> run() {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // a byte order mark
    while (at_ < text_.size()) step();
    finish();
    return std::move(out_);
  }

 private:
  // '\0' past the end, which is in no word.
  char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  char next() const { return at(at_ + 1); }

  void step() {
    const char c = text_[at_];
    if (is_sql_blank(c)) return skip(at_ + 1);
    if (c == '-' && next() == '-') {
      return skip(std::min(text_.find('\n', at_), text_.size()));
    }
    if (c == '/' && next() == '*') return skip(end_of_comment());
    if (c == ';' && depth_ == 0 && blocks_ == 0) {
      finish();
      return skip(at_ + 1);
    }
    if (c == '\\') {
      throw Error("read", name_ + ":" + std::to_string(line_),
                "it is a psql command, not SQL");
    }
    begin();
    if (c == '\'') return skip(end_of_quotes('\'', false));
    if (c == '"') return skip(end_of_quotes('"', false));
    if (c == '$') return skip(end_of_dollars());
    if (starts_word(c)) return word();
    if (is_digit(c) || (c == '.' && is_digit(next()))) {
      return skip(end_of_number());
    }
    if (c == '(') ++depth_;
    if (c == ')' && depth_ > 0) --depth_;
    skip(at_ + 1);
  }

  void begin() {
    if (from_ != std::string_view::npos) return;
    from_ = at_;
    from_line_ = line_;
  }

  void finish() {
    if (from_ != std::string_view::npos) {
      out_.push_back({std::string(text_.substr(from_, at_ - from_)),
                      from_line_});
    }
    from_ = std::string_view::npos;
    depth_ = blocks_ = 0;
    words_.clear();
  }

  void skip(std::size_t to) {
    line_ += static_cast<unsigned>(
        std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                   text_.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
    at_ = to;
  }

  std::size_t end_of_comment() const {
    int open = 0;
    for (std::size_t i = at_; i + 1 < text_.size(); ++i) {
      const std::string_view two = text_.substr(i, 2);
      if (two == "/*") {
        ++open;
        ++i;
      } else if (two == "*/") {
        ++i;
        if (--open == 0) return i + 1;
      }
    }
    return text_.size();
  }

  std::size_t end_of_quotes(char quote, bool escapes) const {
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (escapes && text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        if (i + 1 >= text_.size() || text_[i + 1] != quote) return i + 1;
        ++i;
      }
    }
    return text_.size();
  }

  // $tag$ ... $tag$; or a single $, which belongs to a parameter or an
  // operator.
  std::size_t end_of_dollars() const {
    std::size_t i = at_ + 1;
    if (i < text_.size() && starts_word(text_[i])) i = end_of_tag(i);
    if (i >= text_.size() || text_[i] != '$') return at_ + 1;
    const std::string_view tag = text_.substr(at_, i + 1 - at_);
    const std::size_t close = text_.find(tag, i + 1);
    return close == std::string_view::npos ? text_.size() : close + tag.size();
  }
  std::size_t end_of_tag(std::size_t i) const {
    while (i < text_.size() && in_word(text_[i])) ++i;
    return i;
  }
  std::size_t end_of_word(std::size_t i) const {
    while (i < text_.size() && (in_word(text_[i]) || text_[i] == '$')) ++i;
    return i;
  }

  // 1, 1.5, .5, 1e-3, and a word that follows without a space, although that is
  // an error, as is an exponent without digits. `$` after digits begins a
  // quote.
  std::size_t end_of_number() const {
    std::size_t i = end_of_digits(at_);
    if (at(i) == '.' && (i == at_ || at(i + 1) != '.')) {
      i = end_of_digits(i + 1);
    }
    if (at(i) == 'e' || at(i) == 'E') {
      const bool sign = at(i + 1) == '+' || at(i + 1) == '-';
      const std::size_t first = i + (sign ? 2 : 1);
      const std::size_t end = end_of_digits(first);
      if (sign && end == first) return end;
      if (end > first) i = end;
    }
    return starts_word(at(i)) ? end_of_word(i) : i;
  }
  std::size_t end_of_digits(std::size_t i) const {
    while (is_digit(at(i))) ++i;
    return i;
  }

  void word() {
    const std::size_t end = end_of_word(at_);
    const std::string found = lower(text_.substr(at_, end - at_));
    skip(end);
    if (found == "e" && at_ < text_.size() && text_[at_] == '\'') {
      return skip(end_of_quotes('\'', true));
    }
    if (words_.size() < 4) words_.push_back(found);
    if (depth_ > 0 || !makes_routine()) return;
    if (found == "begin" || (found == "case" && blocks_ > 0)) ++blocks_;
    if (found == "end" && blocks_ > 0) --blocks_;
  }

  // CREATE [OR REPLACE] FUNCTION or PROCEDURE, whose body may be BEGIN ATOMIC.
  bool makes_routine() const {
    const auto is = [&](std::size_t i, std::string_view what) {
      return i < words_.size() && words_[i] == what;
    };
    if (!is(0, "create")) return false;
    const std::size_t kind = is(1, "or") && is(2, "replace") ? 3 : 1;
    return is(kind, "function") || is(kind, "procedure");
  }

  std::string_view text_;
  const std::string& name_;
  std::vector<Statement> out_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  std::size_t from_ = std::string_view::npos;
  unsigned from_line_ = 1;
  int depth_ = 0;   // parentheses
  int blocks_ = 0;  // BEGIN and CASE in a routine's body
  std::vector<std::string> words_;  // the first four of the statement
};

}  // namespace

std::vector<Statement> split_statements(std::string_view text,
                                        const std::string& name) {
  return Splitter(text, name).run();
}

unsigned line_at(const Statement& statement, int position) {
  unsigned line = statement.line;
  int seen = 0;
  for (const char c : statement.text) {
    // Continuation bytes of UTF-8 are not characters.
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++seen;
    if (seen >= position) break;
    if (c == '\n') ++line;
  }
  return line;
}

}  // namespace berth::worker
