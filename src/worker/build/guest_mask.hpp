// SPDX-License-Identifier: GPL-2.0-or-later
// Masks a line of a file on a guest that a build would not write. Berth's own
// lines are masked by the known values of their secrets (step/mask.hpp). A line
// that someone else or an earlier build wrote can contain a secret that Berth
// does not know: a previous value, or a password that someone entered on the
// guest. After the known secrets, these are replaced by *****:
//
//   the text where the template writes a secret: with a template line
//     SECRET_KEY = {{secret.key:x-python}}
//   all that follows `SECRET_KEY = ` in a line of the guest
//   the text after a word that suggests a secret: password, token, secret, ...;
//   if the value continues on later lines, those lines as well
//   user and password in a URL
//   a long run of digits and letters of both cases, which may be a key
//
// It hides too much rather than too little. It cannot recognize a password
// under an innocent name.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "step/mask.hpp"
#include "worker/render/render.hpp"

namespace berth::worker {

class GuestMask {
 public:
  // `outline`: the file as it would be rendered with kPlaceholder for every
  // secret.
  GuestMask(const Mask& known, std::string_view outline);
  std::string operator()(std::string_view line) const;
  // For each line of a guest's file, whether it is part of such a value that
  // begins on an earlier line: `KEY = (`, `KEY: |`, `KEY='one`
  // (open_value.hpp).
  std::vector<bool> continued(const std::vector<std::string>& lines) const;
  const Mask& known() const { return known_; }
  // For a line that a build writes: the known secrets are sufficient, unless
  // one of them cannot be hidden by its value; then its position is used.
  std::string rendered(std::string_view line) const;
  // The file that a build writes, with ***** on each line for what a secret of
  // several lines has there: one of its lines can be too short to be hidden by
  // its value. As many lines as before.
  std::string by_place(std::string_view file) const;

 private:
  // The text before a secret of the template with which `text`, a trimmed line
  // of the guest, begins; nullptr if there is none.
  const std::string* head_of(std::string_view text) const;
  // Where the value to be hidden begins in the line; npos: the line has none.
  std::size_t value_at(std::string_view line) const;
  // Returns false if `line` does not begin like a line of the template that
  // has a secret.
  bool hide_at_head(std::string& line) const;

  const Mask& known_;
  std::vector<std::string> heads_;  // the text before a secret, trimmed
  std::set<std::string, std::less<>> plain_;  // the template's other lines
  std::vector<std::string> around_;  // the outline before, between and after
};

// Needs no quoting in any language of the templates.
inline constexpr const char* kPlaceholder = "BerthHidesASecretHere";
// The same variables with kPlaceholder for every secret.
Variables without_secrets(Variables variables);

}  // namespace berth::worker
