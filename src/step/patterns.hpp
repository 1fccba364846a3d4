// SPDX-License-Identifier: GPL-2.0-or-later
// Finds many strings in a text in one pass. The time is linear in the text
// whatever the strings are, because a guest that knows its secrets could
// otherwise write text for which the search at every byte takes as long as a
// secret. (Rejected: one find() per string, which makes a hundred passes for a
// PEM file of a hundred lines.)
//
//   Patterns   whole strings, by the Aho-Corasick automaton, and the beginnings
//              of strings that remain where a text was cut off
//   Grams      any 16 consecutive bytes of a string: what remains of a long one
//              when a program wraps it over several lines
//
// Both report what they found as byte ranges of the text.
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

// Called with [begin, end) of the text; ranges may overlap.
using Found = std::function<void(std::size_t begin, std::size_t end)>;

class Patterns {
 public:
  void add(std::string_view pattern);  // before build(); ignored when empty
  void build();
  void find(std::string_view text, const Found& found) const;
  // Reports, for each position `end` of the text that `cut` accepts, the
  // longest proper beginning of a pattern that ends there and has at least
  // `least` bytes.
  void find_beginnings(std::string_view text, std::size_t least,
                       const std::function<bool(std::size_t end)>& cut,
                       const Found& found) const;

 private:
  struct Node {
    std::uint32_t parent = 0;
    std::uint32_t fallback = 0;  // its longest suffix that is a node
    std::uint32_t depth = 0;
    std::uint32_t longest = 0;  // length of the pattern that ends here, or 0
    std::uint64_t next = 0;  // one bit per byte with an edge: most have none
    unsigned char byte = 0;
  };
  // The node reached from `node` after one more byte.
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
  void add(std::string_view text);  // ignored when shorter than kSize
  void find(std::string_view text, const Found& found) const;

 private:
  // Hashes of 16 bytes each. A collision hides text that need not be hidden.
  std::unordered_set<std::uint64_t> known_;
  std::bitset<65536> sieve_;  // of the hashes: a cheap test before known_
};

}  // namespace berth
