// SPDX-License-Identifier: GPL-2.0-or-later
// A value of any bytes (the first line) in a template of any text (the rest).
#include "base/error.hpp"
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "worker/render/marker.hpp"
#include "worker/render/render.hpp"

namespace berth::fuzz {
namespace {

// What is outside of them has no braces that ctemplate would read.
void check_markers(std::string_view text) {
  std::size_t at = 0;
  for (const worker::Marker& marker : worker::find_markers(text)) {
    require(marker.begin >= at && marker.end > marker.begin &&
                marker.end <= text.size(),
            "markers follow one another");
    require(text.substr(at, marker.begin - at).find("{{") == text.npos,
            "no marker is skipped");
    require(!marker.problem.empty() ||
                text.substr(marker.begin, marker.end - marker.begin) ==
                    "{{" + marker.name + ":" + marker.modifier + "}}",
            "a marker is what it says");
    at = marker.end;
  }
  require(text.substr(at).find("{{") == text.npos, "no marker is skipped");
}

}  // namespace

FUZZ(templates) {
  const std::string value = take_line(input);
  check_markers(input);
  if (!is_valid_utf8(input) || input.find('\0') != input.npos) return;
  const worker::Template source{"etc/a", "a.tpl", std::string(input)};
  const worker::Variables variables = {
      {"url", value}, {"secret.a", value}, {"set.n", std::int64_t{7}},
      {"set.b", true}, {"set.f", 0.5}};
  try {
    const std::string out = worker::render(source, variables);
    if (worker::find_markers(input).empty()) {
      require(out == input, "text is copied as it is");
    }
  } catch (const Error&) {
  }
  // Whatever the value is, it stays one of the language's own, on one line.
  for (const char* modifier : {"x-python", "x-apache", "x-shell"}) {
    const worker::Template one{
        "etc/a", "a.tpl", "[{{url:" + std::string(modifier) + "}}]\n"};
    std::string out;
    try {
      out = worker::render(one, variables);
    } catch (const Error&) {
      continue;
    }
    require(out.starts_with("[") && out.ends_with("]\n") &&
                is_valid_utf8(out) && out.find('\n') == out.size() - 1,
            "a value is one word");
  }
}

}  // namespace berth::fuzz
