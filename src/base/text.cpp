// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/text.hpp"

#include <charconv>
#include <sys/random.h>

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid.hpp>
#include <cerrno>
#include <cstdio>

#include "base/error.hpp"

namespace berth {
namespace {

constexpr char kHex[] = "0123456789abcdef";

std::string hex(const unsigned char* data, std::size_t size) {
  std::string out;
  out.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(kHex[data[i] >> 4]);
    out.push_back(kHex[data[i] & 15]);
  }
  return out;
}

// The length of the well-formed sequence at the start of text; 0 if there is
// none (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view t) {
  const auto at = [&](std::size_t i) {
    return i < t.size() ? static_cast<unsigned char>(t[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const unsigned c = at(0);
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return tail(1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    if (c == 0xE0 && at(1) < 0xA0) return 0;
    if (c == 0xED && at(1) > 0x9F) return 0;
    return tail(1) && tail(2) ? 3 : 0;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    if (c == 0xF0 && at(1) < 0x90) return 0;
    if (c == 0xF4 && at(1) > 0x8F) return 0;
    return tail(1) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t n = sequence_length(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t n = sequence_length(text);
    if (n == 0) {
      out += '?';
    } else {
      out += text.substr(0, n);
    }
    text.remove_prefix(std::max<std::size_t>(1, n));
  }
  return out;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(),
                    [](char c) { return (c & 0xc0) != 0x80; }));
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f) return true;
    if (c == 0xC2 && i + 1 < text.size() &&
        static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      return true;
    }
  }
  return false;
}

bool glob_match(std::string_view pattern, std::string_view name) {
  // Backtracks only to the last star: nearly linear even for hostile patterns.
  std::size_t p = 0, n = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t at = text.find(separator);
    out.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view by) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += by;
    out += parts[i];
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::optional<std::int64_t> take_number(std::string_view& text) {
  // from_chars() takes a minus.
  if (text.starts_with('-')) return std::nullopt;
  std::int64_t out = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return out;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  const auto out = take_number(text);
  return text.empty() ? out : std::nullopt;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string random_hex(std::size_t bytes) {
  std::string raw(bytes, '\0');
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t n = ::getrandom(raw.data() + done, bytes - done, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_errno("read", "random bytes");
    done += static_cast<std::size_t>(n);
  }
  return hex(reinterpret_cast<const unsigned char*>(raw.data()), bytes);
}

std::string fingerprint(std::string_view text) {
  const boost::uuids::uuid id = boost::uuids::name_generator_sha1(
      boost::uuids::ns::oid())(text.data(), text.size());
  return hex(id.data, sizeof id.data);
}

namespace {

// The code point of a well-formed character of two or three bytes; else 0.
unsigned code_of(std::string_view character) {
  const auto low = [&](std::size_t i) {
    return static_cast<unsigned char>(character[i]) & 0x3Fu;
  };
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 2) return (first & 0x1Fu) << 6 | low(1);
  if (character.size() == 3) {
    return (first & 0x0Fu) << 12 | low(1) << 6 | low(2);
  }
  return 0;
}

bool is_mark(unsigned code) {
  return code == 0x061C || code == 0x200E || code == 0x200F;
}

bool turns_text(unsigned code) {
  return is_mark(code) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string turning_character(std::string_view text, Marks marks) {
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(sequence_length(text), 1);
    const unsigned code = code_of(text.substr(0, length));
    if (turns_text(code) && (marks == Marks::refused || !is_mark(code))) {
      char name[8];
      std::snprintf(name, sizeof name, "U+%04X", code);
      return name;
    }
    text.remove_prefix(length);
  }
  return "";
}

std::string printable(std::string_view text, std::size_t cap) {
  std::string out;
  for (std::size_t taken = 0; !text.empty();) {
    const std::size_t length = sequence_length(text);
    const std::string_view character =
        text.substr(0, std::max<std::size_t>(length, 1));
    taken += character.size();
    if (taken > cap) return out + "...";
    text.remove_prefix(character.size());
    if (length > 0 && !has_control_characters(character) &&
        !turns_text(code_of(character))) {
      out += character;
      continue;
    }
    for (const char c : character) {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x",
                    static_cast<unsigned char>(c));
      out += escaped;
    }
  }
  return out;
}

}  // namespace berth
