// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/render/marker.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::worker {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
         });
}

std::string problem_with(std::string_view inside) {
  if (inside.empty()) return "{{}}: empty marker";
  switch (inside.front()) {
    case '#':
    case '/':
      return "sections are not allowed in templates";
    case '>':
      return "includes are not allowed in templates";
    case '!':
    case '%':
    case '=':
      return "comments, pragmas and changed delimiters are not allowed in "
             "templates";
    default:
      break;
  }
  const std::vector<std::string> parts = split(inside, ':');
  if (!is_name(parts[0])) {
    return "{{...}}: not the name of a variable; write {{NAME:x-python}}";
  }
  if (parts.size() != 2) {
    return "{{" + parts[0] +
           "}}: must end in exactly one of :x-python, :x-apache, :x-shell";
  }
  return "";
}

}  // namespace

std::vector<Marker> find_markers(std::string_view text) {
  std::vector<Marker> out;
  unsigned line = 1;
  std::size_t counted = 0;
  for (std::size_t at = text.find("{{"); at != std::string_view::npos;) {
    line += static_cast<unsigned>(
        std::count(text.begin() + static_cast<std::ptrdiff_t>(counted),
                   text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted = at;
    Marker marker;
    marker.begin = at;
    marker.line = line;
    const std::size_t close = text.find("}}", at);
    if (close == std::string_view::npos ||
        close > std::min(text.find('\n', at), text.size())) {
      marker.end = at + 2;
      marker.problem = "{{ without }} on the same line";
    } else {
      marker.end = close + 2;
      marker.inside = std::string(text.substr(at + 2, close - at - 2));
      marker.problem = problem_with(marker.inside);
    }
    if (marker.problem.empty()) {
      const std::vector<std::string> parts = split(marker.inside, ':');
      marker.name = parts[0];
      marker.modifier = parts[1];
    }
    at = text.find("{{", marker.end);
    out.push_back(std::move(marker));
  }
  return out;
}

}  // namespace berth::worker
