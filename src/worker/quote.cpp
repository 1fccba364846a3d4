// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/quote.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>

#include "base/text.hpp"

namespace berth::worker {
namespace {

void refuse_dangerous(std::string_view text) {
  if (!is_valid_utf8(text)) throw std::invalid_argument("is no valid UTF-8");
  if (has_control_characters(text)) {
    throw std::invalid_argument("has control characters");
  }
}

bool is_plain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') ||
           std::string_view("._/:@=+,-").find(c) != std::string_view::npos;
  });
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

// The shortest digits that read back as the same number.
std::string digits(double number) {
  if (!std::isfinite(number)) throw std::invalid_argument("is not finite");
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  std::string out(buffer, end);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

template <class Text>
std::string by_type(const SetValue& value, const char* yes, const char* no,
                    Text text) {
  if (const auto* b = std::get_if<bool>(&value)) return *b ? yes : no;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*i);
  }
  if (const auto* d = std::get_if<double>(&value)) return digits(*d);
  const auto& string = std::get<std::string>(value);
  refuse_dangerous(string);
  return text(string);
}

}  // namespace

std::string quote_python(const SetValue& value) {
  return by_type(value, "True", "False", [](const std::string& text) {
    return "'" + escaped(text, "\\'") + "'";
  });
}

std::string quote_apache(const SetValue& value) {
  return by_type(value, "On", "Off", [](const std::string& text) {
    if (text.find("${") != std::string::npos) {
      throw std::invalid_argument("has ${, which Apache would replace");
    }
    if (is_plain(text)) return text;
    return "\"" + escaped(text, "\\\"") + "\"";
  });
}

std::string quote_shell(const SetValue& value) {
  return by_type(value, "true", "false", [](const std::string& text) {
    if (is_plain(text)) return text;
    std::string out = "'";
    for (const char c : text) {
      if (c == '\'') {
        out += "'\\''";
      } else {
        out += c;
      }
    }
    return out + "'";
  });
}

}  // namespace berth::worker
