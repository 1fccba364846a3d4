// SPDX-License-Identifier: GPL-2.0-or-later
// Finds many strings in one text in one pass, whatever both hold: the time is
// linear in the text, because a guest that knows its secrets can write text
// that costs a search from every byte the length of a secret. (Rejected: one
// find() per string, which a PEM with a hundred lines makes a hundred passes.)
//
//   Patterns   whole strings, by the automaton of Aho and Corasick; and what
//              their beginnings leave where a text was cut off
//   Grams      any 16 bytes in a row of a string: what is left of a long one
//              when a program breaks it over lines
//
// Each tells, by byte, what it found: cover[i] > 0 where text[i] belongs to it.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace berth {

// Called with [begin, end) of the text. Ranges overlap.
using Found = std::function<void(std::size_t begin, std::size_t end)>;

class Patterns {
 public:
  void add(std::string_view pattern);  // before build(); empty: nothing
  void build();
  void find(std::string_view text, const Found& found) const;
  // For each place `end` of the text that `cut` accepts, the longest beginning
  // of a pattern that ends there, if it is not all of one and has at least
  // `least` bytes.
  void find_beginnings(std::string_view text, std::size_t least,
                       const std::function<bool(std::size_t end)>& cut,
                       const Found& found) const;

 private:
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t fallback = 0;  // its longest suffix that is a node
    std::uint32_t depth = 0;
    std::uint32_t longest = 0;  // pattern that ends here; 0: none
    std::uint64_t next = 0;  // of each byte with an edge, a bit: most have none
    unsigned char byte = 0;
  };
  // The node that a text is at after one more byte.
  std::uint32_t after(std::uint32_t node, char byte) const;
  // 0, the root, when there is no such edge.
  std::uint32_t edge(std::uint32_t node, unsigned char byte) const;

  std::vector<Node> nodes_{Node()};
  std::array<std::uint32_t, 256> first_{};
  std::unordered_map<std::uint64_t, std::uint32_t> edges_;
};

class Grams {
 public:
  static constexpr std::size_t kSize = 16;
  void add(std::string_view text);  // one of fewer than kSize bytes: nothing
  void find(std::string_view text, const Found& found) const;

 private:
  // Of the sixteen bytes. A collision hides what need not be hidden.
  std::unordered_set<std::uint64_t> known_;
  std::bitset<65536> sieve_;  // of their hashes; a look costs next to nothing
};

}  // namespace berth
