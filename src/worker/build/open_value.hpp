// SPDX-License-Identifier: GPL-2.0-or-later
// A value in a file whose language is not known, and on which lines it goes on:
//
//   std::optional<OpenValue> open = OpenValue::at(line, 6);  // KEY = ( ...
//   if (open->takes(next)) ...                               // is part of it
//   if (!open->takes(last)) open.reset();                    // is not
//
// It goes on while a quote or a bracket of it is open, over any number of
// lines; after a backslash or an operator at the end of a line; to the word of
// a here-document; to the end tag of an element; and on lines that are indented
// more than its first. Where languages differ (what a backslash does in single
// quotes, what begins a comment) it goes on if it does in one of them: whoever
// hides it hides too much rather than too little.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::worker {

class OpenValue {
 public:
  // The value that begins at byte `at` of `line`.
  static OpenValue at(std::string_view line, std::size_t at);
  // Whether the line after the last that was taken is part of it.
  bool takes(std::string_view line);

 private:
  // One language's view of what is open.
  struct Reading {
    bool escapes;   // a backslash in single quotes
    bool comments;  // # and //
    std::string_view quote = {};
    int depth = 0;  // of brackets
    bool open() const { return !quote.empty() || depth > 0; }
    // Brackets that open before byte `value` are not the value's.
    void read(std::string_view text, std::size_t value = 0);
  };

  std::vector<Reading> readings_;
  std::string end_;         // goes on to a line with it; empty: no
  std::size_t indent_ = 0;  // of its first line
  bool indented_ = true;    // lines with more belong to it
  bool list_ = false;       // so do lines of a YAML list with as much
  bool next_ = false;       // so does the next
  bool scalar_ = false;     // a block of YAML: no quotes
};

}  // namespace berth::worker
