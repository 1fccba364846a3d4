// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/quote.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string_view>

#include "base/text.hpp"

namespace berth {
namespace {

constexpr std::string_view kBreaks = "\n\r\t";

bool is_break(char c) { return kBreaks.find(c) != std::string_view::npos; }

// `breaks`: line breaks and tabs can be quoted.
void refuse_dangerous(std::string text, bool breaks) {
  if (!is_valid_utf8(text)) throw std::invalid_argument("is not valid UTF-8");
  if (breaks) std::erase_if(text, is_break);
  if (!has_control_characters(text)) return;
  std::erase_if(text, is_break);
  throw std::invalid_argument(
      has_control_characters(text)
          ? "has control characters"
          : "has control characters: Apache's files cannot have line breaks or "
            "tabs in a value; x-python and x-shell can");
}

// The first code point of valid UTF-8, and its length.
struct Front {
  std::uint32_t code;
  std::size_t length;
};
Front front_of(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const std::uint32_t first = at(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xE0) return {(first & 31) << 6 | (at(1) & 63), 2};
  if (first < 0xF0) {
    return {(first & 15) << 12 | (at(1) & 63) << 6 | (at(2) & 63), 3};
  }
  return {(first & 7) << 18 | (at(1) & 63) << 12 | (at(2) & 63) << 6 |
              (at(3) & 63),
          4};
}

std::string python_escape(std::uint32_t code) {
  char out[11];
  std::snprintf(out, sizeof out, code < 0x10000 ? "\\u%04x" : "\\U%08x",
                code);
  return out;
}

std::string python_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Front front = front_of(text);
    const char c = text.front();
    if (front.length > 1) {
      out += python_escape(front.code);
    } else if (is_break(c)) {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else {
      if (c == '\\' || c == '\'') out += '\\';
      out += c;
    }
    text.remove_prefix(front.length);
  }
  return out;
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

// The shortest digits that are read as the same number.
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
                    bool breaks, Text text) {
  if (const auto* b = std::get_if<bool>(&value)) return *b ? yes : no;
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    return std::to_string(*i);
  }
  if (const auto* d = std::get_if<double>(&value)) return digits(*d);
  const auto& string = std::get<std::string>(value);
  refuse_dangerous(string, breaks);
  return text(string);
}

}  // namespace

std::string quote_python(const SetValue& value) {
  return by_type(value, "True", "False", true, [](const std::string& text) {
    return "'" + python_text(text) + "'";
  });
}

std::string quote_apache(const SetValue& value) {
  return by_type(value, "On", "Off", false, [](const std::string& text) {
    if (text.find("${") != std::string::npos) {
      throw std::invalid_argument("has ${, which Apache would expand");
    }
    if (is_plain(text)) return text;
    return "\"" + escaped(text, "\\\"") + "\"";
  });
}

std::string quote_shell(const SetValue& value) {
  return by_type(value, "true", "false", true, [](const std::string& text) {
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

bool may_span_lines(std::string_view before) {
  return before.find('#') == std::string_view::npos;
}

}  // namespace berth
