// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/log_text.hpp"

namespace berth::web {
namespace {

// Bytes of the sequence that starts with this byte; 0: no sequence does.
std::size_t sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

}  // namespace

void cut_torn_character(std::string& text) {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xc0) == 0x80) continue;
    if (sequence_length(byte) > back) text.erase(text.size() - back);
    return;
  }
}

}  // namespace berth::web
