// SPDX-License-Identifier: GPL-2.0-or-later
// The secrets of one application, secrets/APP/NAME beside berth.conf, and how
// they are kept out of everything that is shown: log, messages, steps.
//
// A secret is the file's content without its last newline. Every occurrence of
// a value becomes *****, also in the quoted forms that templates write and
// line by line when it has several lines. What this cannot catch is a value
// that somebody printed encoded in another way, or cut in two.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace berth::worker {

using Secrets = std::map<std::string, std::string>;

// Empty when there is no folder. Throws Error for a file that cannot be read
// or has more than 64 KiB: better no build than one without its secret.
Secrets read_secrets(const std::string& config_folder,
                     const std::string& application);

class Mask {
 public:
  Mask() = default;
  explicit Mask(const Secrets& secrets);
  std::string operator()(std::string_view text) const;

 private:
  std::vector<std::string> hidden_;  // longest first
};

// For a line of a log: printable() (base/text.hpp), with a blank for a tab.
std::string one_line(std::string_view text, std::size_t cap = 4000);

}  // namespace berth::worker
