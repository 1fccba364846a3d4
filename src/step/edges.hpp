// SPDX-License-Identifier: GPL-2.0-or-later
// Where a text may have been cut off before it came here: at its beginning and
// end, at those of each line, and on both sides of "..." or an ellipsis, which
// whoever shortens a text leaves. A piece of a secret there is hidden as the
// whole of it would be (step/mask.hpp).
//
// A cut can leave half of an escape (`%2`, `\u00`, `&am`, a closing quote)
// between the piece and the edge, which belongs to the piece. So do the ? or
// U+FFFD which whoever read the text made of half a UTF-8 character, three at
// most: `pässw?`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace berth {

class Edges {
 public:
  explicit Edges(std::string_view text);
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // The edge at which something that ends in front of byte i was cut off, if
  // it was: i, or behind half an escape. i up to the size.
  std::uint32_t after(std::size_t i) const { return after_[i]; }
  // The edge at which something that begins at byte i was cut off. Half an
  // escape is looked for only when the text has `escaped` what it has.
  std::uint32_t before(std::size_t i, bool escaped) const {
    return escaped || before_[i] == i || lost_before_[i] ? before_[i] : kNone;
  }
  // Whether a character is lost between byte i and that edge.
  bool lost_after(std::size_t i) const { return lost_after_[i]; }
  bool lost_before(std::size_t i) const { return lost_before_[i]; }

 private:
  std::vector<std::uint32_t> after_, before_;
  std::vector<bool> lost_after_, lost_before_;
};

}  // namespace berth
