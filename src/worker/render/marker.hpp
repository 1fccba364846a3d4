// SPDX-License-Identifier: GPL-2.0-or-later
// Finds the markers of a template: {{NAME:MODIFIER}}, where NAME is
// [A-Za-z][A-Za-z0-9._-]* and MODIFIER [a-z][a-z-]*. Any other text between {{
// and }}, and a {{ without its }} on the same line, is reported as a problem;
// nothing is ever skipped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::worker {

struct Marker {
  std::size_t begin = 0;  // of the first {
  std::size_t end = 0;    // past the last }
  unsigned line = 1;
  std::string inside;
  std::string name;
  std::string modifier;
  std::string problem;  // empty when it is a marker
};

std::vector<Marker> find_markers(std::string_view text);

}  // namespace berth::worker
