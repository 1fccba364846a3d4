// SPDX-License-Identifier: GPL-2.0-or-later
// The places at which a text may have been cut off before this process read it:
// its beginning and end, those of each line, and both sides of "..." or an
// ellipsis, which programs write where they shorten a text. A piece of a secret
// at such an edge is hidden as the whole secret would be (step/mask.hpp).
//
// A cut can leave half an escape (`%2`, `\u00`, `&am`, a closing quote) between
// the piece and the edge; it counts as part of the piece. So do up to three ?
// or U+FFFD that a reader put in place of an incomplete UTF-8 character:
// `pässw?`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace berth {

class Edges {
 public:
  explicit Edges(std::string_view text);
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // The edge at which something that ends before byte i was cut off: i itself,
  // or the end of half an escape after it; kNone if it was not. i may be the
  // size.
  std::uint32_t after(std::size_t i) const { return after_[i]; }
  // The edge at which something that begins at byte i was cut off. In a text
  // with escapes (`escaped`) anything that can be part of one may be in
  // between. In a text without, where the half may be all that is left of the
  // only escape, what is in between must look like the rest of one: words are
  // shown.
  std::uint32_t before(std::size_t i, bool escaped) const {
    return escaped || before_[i] == i || lost_before_[i] || rest_before_[i]
               ? before_[i]
               : kNone;
  }
  // Whether an incomplete character was lost between byte i and that edge.
  bool lost_after(std::size_t i) const { return lost_after_[i]; }
  bool lost_before(std::size_t i) const { return lost_before_[i]; }

 private:
  std::vector<std::uint32_t> after_, before_;
  std::vector<bool> lost_after_, lost_before_;
  std::vector<bool> rest_before_;  // between that edge and i: of an escape
};

}  // namespace berth
