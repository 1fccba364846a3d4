// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps the secrets of an application, the files secrets/APP/NAME next to
// berth.conf, out of everything that is shown: log, messages, steps.
//
// A secret is the content of its file without the last newline. Every
// occurrence of a value is replaced by *****: the value itself, each line of a
// value with several lines, and every common encoding of them - percent, form,
// JSON and Python escapes, HTML, shell, SQL and CSV quoting, hexadecimal
// digits, base64 at any offset and over any number of lines of at least 16
// digits. One encoding inside another is found as well (JSON in a shell word),
// and so is base64 within base64 or hexadecimal digits. step/decoded.hpp lists
// the encodings. A value is also hidden without the spaces and carriage returns
// around it. The time is linear in the text and does not depend on the number
// of secrets.
//
// A text must be masked before it is shortened, as line() and the journal do. A
// text that another program shortened before Berth read it - a guest's long
// line, the first hundred characters of a value - can contain a piece of a
// value at its beginning, at its end or next to "..." (step/edges.hpp). There a
// piece of at least six characters is hidden, unless it is a common word.
//
// Values that hiding would only point at are not hidden: model/secret.hpp
// defines which, `berthctl check` warns of them, and a preview hides them by
// their place in the file (worker/build/guest_mask.hpp). A value that was
// encrypted, compressed or printed in pieces cannot be recognized.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

using Secrets = std::map<std::string, std::string>;

// What happens to an entry that is not a file, cannot be read or exceeds
// 64 KiB: an Error, because no build is better than one without its secret; or
// it is left out, where the readable ones only need to be hidden.
enum class BadSecret { refused, left_out };

// Empty when the folder does not exist. Throws Error when it is not a folder or
// cannot be read.
Secrets read_secrets(const std::string& config_folder,
                     const std::string& application,
                     BadSecret bad = BadSecret::refused);

class Mask {
 public:
  Mask() = default;  // hides nothing
  // `written` is what the requester wrote (a path, a revision), which messages
  // repeat. Only whole values are hidden in it. If pieces were hidden too, a
  // requester could guess a secret character by character and see from the
  // ***** which guess was right.
  explicit Mask(const Secrets& secrets, const std::string& application = "",
                const std::vector<std::string>& written = {});
  std::string operator()(std::string_view text) const;
  // Masks the text, then returns at most `cap` bytes of it as one_line() does.
  std::string line(std::string_view text, std::size_t cap) const;
  // False if one of the secrets cannot be hidden.
  bool hides_all() const { return hides_all_; }

 private:
  class Needle;
  struct Needles;
  std::shared_ptr<const Needles> needles_;
  bool hides_all_ = true;
};

// Text for one line of a log: printable() (base/text.hpp) with tabs as spaces.
std::string one_line(std::string_view text, std::size_t cap = 4000);

}  // namespace berth
