// SPDX-License-Identifier: GPL-2.0-or-later
// The secrets of one application, secrets/APP/NAME beside berth.conf, and how
// they are kept out of everything that is shown: log, messages, steps.
//
// A secret is the file's content without its last newline. Every occurrence of
// a value becomes *****: as it is, line by line when it has several lines, and
// in every common encoding - percent, form, JSON and Python escapes, HTML,
// shell, SQL and CSV quoting, hexadecimal digits, base64 wherever it begins and
// over however many lines of 16 digits - also one inside another (JSON in a
// shell word), and base64 in base64 or hexadecimal digits. step/decoded.hpp
// names them all. A value is hidden without the
// blanks and the carriage return around it, too. The time is linear in the
// text and does not depend on the number of secrets.
//
// A text is hidden first and shortened after: by line(), or by the journal.
// What others have shortened before it came - a guest's long line, a program
// that prints the first hundred characters - can hold a piece of a value at its
// beginning, at its end or next to "..." (step/edges.hpp): a piece of at
// least six characters is hidden there as well, unless it is a common word.
//
// Not hidden are values that hiding would only point at: model/secret.hpp says
// which, `berthctl check` warns of them, and what a preview shows of a file is
// then hidden by place (worker/build/guest_mask.hpp). What this cannot catch is
// a value that somebody encrypted, compressed, or printed in pieces.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

using Secrets = std::map<std::string, std::string>;

// Empty when there is no folder. Throws Error for a file that cannot be read
// or has more than 64 KiB: better no build than one without its secret.
Secrets read_secrets(const std::string& config_folder,
                     const std::string& application);

class Mask {
 public:
  Mask() = default;  // hides nothing
  // `written`: what the requester wrote (a path, a revision), which messages
  // repeat. Only whole values are hidden in it: of a piece that is hidden if it
  // is right, and shown if not, one could ask for the next character.
  explicit Mask(const Secrets& secrets, const std::string& application = "",
                const std::vector<std::string>& written = {});
  std::string operator()(std::string_view text) const;
  // The text as one_line() has it, shortened after it was hidden.
  std::string line(std::string_view text, std::size_t cap) const;
  // Whether every secret is hidden; false when one cannot be.
  bool hides_all() const { return hides_all_; }

 private:
  class Needle;
  struct Needles;
  std::shared_ptr<const Needles> needles_;
  bool hides_all_ = true;
};

// For a line of a log: printable() (base/text.hpp), with a blank for a tab.
std::string one_line(std::string_view text, std::size_t cap = 4000);

}  // namespace berth
