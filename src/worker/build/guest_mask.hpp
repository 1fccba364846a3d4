// SPDX-License-Identifier: GPL-2.0-or-later
// What people may see of a line that lies in a file on a guest and is not one
// that a build would write there. Berth's own lines are masked by what is known
// of their secrets (step/mask.hpp). A line of somebody else, or of an earlier
// build, can hold a secret that nobody here knows: one that was changed since,
// or a password that a hand put there. So, after the known ones, becomes *****
//
//   what follows where the template writes a secret: with a template line
//     SECRET_KEY = {{secret.key:x-python}}
//   all of a guest's line behind `SECRET_KEY = `
//   what follows a word that sounds like one: password, token, secret, ...;
//   and where a value begins there and ends on a later line, those lines, too
//   user and password in a URL
//   a long run of letters of both cases and digits, as keys look
//
// It hides too much rather than too little. What it cannot see is a password
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
  // an earlier line opened: `KEY = (`, `KEY = \`, `KEY: |`, `KEY = """`.
  std::vector<bool> continued(const std::vector<std::string>& lines) const;
  const Mask& known() const { return known_; }
  // A line that a build writes: what is known of its secrets is enough, unless
  // one of them cannot be hidden by its value; then it is by its place.
  std::string rendered(std::string_view line) const;

 private:
  // What that line of a guest's, without blanks around, has before a secret of
  // the template; nullptr: it is none of those lines.
  const std::string* head_of(std::string_view text) const;
  // Where the value begins that is hidden there; npos: nowhere.
  std::size_t value_at(std::string_view line) const;
  // Whether `line` begins as one of the template's with a secret does.
  bool hide_at_head(std::string& line) const;

  const Mask& known_;
  std::vector<std::string> heads_;  // before a secret, without blanks around
  std::set<std::string, std::less<>> plain_;  // the template's other lines
};

// Plain in every language that templates write.
inline constexpr const char* kPlaceholder = "BerthHidesASecretHere";
// The same with kPlaceholder for every secret.
Variables without_secrets(Variables variables);

}  // namespace berth::worker
