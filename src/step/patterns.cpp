// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/patterns.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace berth {
namespace {

std::uint64_t edge_key(std::uint32_t node, unsigned char byte) {
  return static_cast<std::uint64_t>(node) << 8 | byte;
}

std::uint64_t bit_of(unsigned char byte) {
  return std::uint64_t{1} << (byte & 63);
}

// splitmix64's last step, twice.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t hash_of_gram(const char* at) {
  std::uint64_t halves[2];
  static_assert(sizeof halves == Grams::kSize);
  std::memcpy(halves, at, sizeof halves);
  return mixed(mixed(halves[0] + 0x9e3779b97f4a7c15ULL) ^ halves[1]);
}

}  // namespace

std::uint32_t Patterns::edge(std::uint32_t node, unsigned char byte) const {
  if (node == 0) return first_[byte];
  if ((nodes_[node].next & bit_of(byte)) == 0) return 0;
  const auto found = edges_.find(edge_key(node, byte));
  return found == edges_.end() ? 0 : found->second;
}

void Patterns::add(std::string_view pattern) {
  std::uint32_t node = 0;
  for (const char c : pattern) {
    const auto byte = static_cast<unsigned char>(c);
    std::uint32_t next = edge(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      Node made;
      made.parent = node;
      made.byte = byte;
      made.depth = nodes_[node].depth + 1;
      nodes_.push_back(made);
      if (node == 0) {
        first_[byte] = next;
      } else {
        nodes_[node].next |= bit_of(byte);
        edges_.emplace(edge_key(node, byte), next);
      }
    }
    node = next;
  }
  nodes_[node].longest = nodes_[node].depth;
}

// Nodes are visited from the root down, because a fallback is always nearer to
// the root.
void Patterns::build() {
  std::vector<std::uint32_t> order(nodes_.size() - 1);
  std::iota(order.begin(), order.end(), 1u);
  std::stable_sort(order.begin(), order.end(), [this](auto a, auto b) {
    return nodes_[a].depth < nodes_[b].depth;
  });
  for (const std::uint32_t number : order) {
    Node& node = nodes_[number];
    if (node.depth == 1) continue;
    std::uint32_t at = nodes_[node.parent].fallback;
    while (at != 0 && edge(at, node.byte) == 0) at = nodes_[at].fallback;
    node.fallback = edge(at, node.byte);
    if (node.longest == 0) node.longest = nodes_[node.fallback].longest;
  }
}

std::uint32_t Patterns::after(std::uint32_t node, char next) const {
  const auto byte = static_cast<unsigned char>(next);
  std::uint32_t out = edge(node, byte);
  while (out == 0 && node != 0) {
    node = nodes_[node].fallback;
    out = edge(node, byte);
  }
  return out;
}

void Patterns::find(std::string_view text, const Found& found) const {
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    node = after(node, text[i]);
    const std::size_t length = nodes_[node].longest;
    if (length > 0) found(i + 1 - length, i + 1);
  }
}

void Patterns::find_beginnings(
    std::string_view text, std::size_t least,
    const std::function<bool(std::size_t end)>& cut,
    const Found& found) const {
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    node = after(node, text[i]);
    const std::size_t length = nodes_[node].depth;
    if (length < least || nodes_[node].longest == length) continue;
    if (cut(i + 1)) found(i + 1 - length, i + 1);
  }
}

void Grams::add(std::string_view text) {
  for (std::size_t i = 0; i + kSize <= text.size(); ++i) {
    const std::uint64_t hash = hash_of_gram(text.data() + i);
    known_.insert(hash);
    sieve_[hash % sieve_.size()] = true;
  }
}

void Grams::find(std::string_view text, const Found& found) const {
  if (known_.empty()) return;
  for (std::size_t i = 0; i + kSize <= text.size(); ++i) {
    const std::uint64_t hash = hash_of_gram(text.data() + i);
    if (sieve_[hash % sieve_.size()] && known_.count(hash) > 0) {
      found(i, i + kSize);
    }
  }
}

}  // namespace berth
