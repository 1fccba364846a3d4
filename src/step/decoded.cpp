// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/decoded.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

constexpr std::size_t kLongestEntity = 10;  // between & and ;

// `count` digits of `base` at the front of `text`.
std::optional<std::uint32_t> number_at(std::string_view text,
                                       std::size_t count, int base) {
  if (text.size() < count || count == 0) return std::nullopt;
  std::uint32_t out = 0;
  for (const char c : text.substr(0, count)) {
    const int digit = hex_digit(c);
    if (digit < 0 || digit >= base) return std::nullopt;
    out = out * static_cast<std::uint32_t>(base) +
          static_cast<std::uint32_t>(digit);
  }
  return out;
}

// UTF-8 of a code point; empty for a number that is not one.
std::string utf8_of(std::uint32_t code) {
  const auto byte = [](std::uint32_t value) {
    return static_cast<char>(static_cast<unsigned char>(value));
  };
  std::string out;
  if (code < 0x80) {
    out += byte(code);
  } else if (code < 0x800) {
    out += {byte(0xC0 | code >> 6), byte(0x80 | (code & 63))};
  } else if (code < 0x10000) {
    if (code >= 0xD800 && code < 0xE000) return out;
    out += {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 63)),
            byte(0x80 | (code & 63))};
  } else if (code < 0x110000) {
    out += {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 63)),
            byte(0x80 | (code >> 6 & 63)), byte(0x80 | (code & 63))};
  }
  return out;
}

Piece character(std::size_t taken, std::uint32_t code) {
  std::string bytes = utf8_of(code);
  if (bytes.empty()) return {};
  return {taken, std::move(bytes)};
}

Piece one_byte(std::size_t taken, std::uint32_t value) {
  return {taken, std::string(1, static_cast<char>(value & 0xFF))};
}

// \uXXXX, or both halves of a surrogate pair.
Piece four_digits(std::string_view rest) {
  const auto first = number_at(rest.substr(2), 4, 16);
  if (!first) return {};
  if (*first < 0xD800 || *first >= 0xDC00) return character(6, *first);
  if (rest.substr(6, 2) != "\\u") return {};
  const auto second = number_at(rest.substr(8), 4, 16);
  if (!second || *second < 0xDC00 || *second >= 0xE000) return {};
  return character(12, 0x10000 + ((*first - 0xD800) << 10) +
                           (*second - 0xDC00));
}

Piece octal_digits(std::string_view rest) {
  std::size_t count = 1;
  while (count < 3 && number_at(rest.substr(1), count + 1, 8)) ++count;
  const auto value = number_at(rest.substr(1), count, 8);
  return value ? one_byte(1 + count, *value) : Piece();
}

Piece escape(std::string_view rest, bool text) {
  if (rest.size() < 2 || rest[0] != '\\') return {};
  const char next = rest[1];
  if (next == 'u') return four_digits(rest);
  if (next == 'U') {
    const auto code = number_at(rest.substr(2), 8, 16);
    return code ? character(10, *code) : Piece();
  }
  if (next == 'x') {
    const auto code = number_at(rest.substr(2), 2, 16);
    if (!code) return {};
    return text ? character(4, *code) : one_byte(4, *code);
  }
  if (next >= '0' && next <= '7') return octal_digits(rest);
  constexpr std::string_view kLetters = "abefnrtv";
  constexpr std::string_view kMean = "\a\b\x1b\f\n\r\t\v";
  const std::size_t at = kLetters.find(next);
  return {2, std::string(1, at == std::string_view::npos ? next : kMean[at])};
}

struct Entity {
  std::string_view name;
  std::uint32_t code;
};
// The named entities for ASCII characters; those for Latin-1 are below.
constexpr Entity kEntities[] = {
    {"amp", '&'},     {"lt", '<'},      {"gt", '>'},      {"quot", '"'},
    {"apos", '\''},   {"Tab", '\t'},    {"NewLine", '\n'}, {"excl", '!'},
    {"num", '#'},     {"dollar", '$'},  {"percnt", '%'},  {"lpar", '('},
    {"rpar", ')'},    {"ast", '*'},     {"plus", '+'},    {"comma", ','},
    {"period", '.'},  {"sol", '/'},     {"colon", ':'},   {"semi", ';'},
    {"equals", '='},  {"quest", '?'},   {"commat", '@'},  {"lsqb", '['},
    {"lbrack", '['},  {"bsol", '\\'},   {"rsqb", ']'},    {"rbrack", ']'},
    {"Hat", '^'},     {"lowbar", '_'},  {"grave", '`'},   {"lcub", '{'},
    {"lbrace", '{'},  {"verbar", '|'},  {"vert", '|'},    {"rcub", '}'},
    {"rbrace", '}'},  {"euro", 0x20AC}};

constexpr std::uint32_t kFirstLatin = 0xA0;
constexpr std::string_view kLatin[] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar",
    "sect",   "uml",    "copy",   "ordf",   "laquo",  "not",    "shy",
    "reg",    "macr",   "deg",    "plusmn", "sup2",   "sup3",   "acute",
    "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",   "raquo",
    "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",
    "Atilde", "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute",
    "Ecirc",  "Euml",   "Igrave", "Iacute", "Icirc",  "Iuml",   "ETH",
    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde", "Ouml",   "times",
    "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",
    "aelig",  "ccedil", "egrave", "eacute", "ecirc",  "euml",   "igrave",
    "iacute", "icirc",  "iuml",   "eth",    "ntilde", "ograve", "oacute",
    "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave", "uacute",
    "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};
static_assert(std::size(kLatin) == 96);

std::optional<std::uint32_t> code_of_entity(std::string_view name) {
  if (name.starts_with("#x") || name.starts_with("#X")) {
    return number_at(name.substr(2), name.size() - 2, 16);
  }
  if (name.starts_with('#')) {
    return number_at(name.substr(1), name.size() - 1, 10);
  }
  for (const Entity& entity : kEntities) {
    if (entity.name == name) return entity.code;
  }
  const auto* found = std::find(std::begin(kLatin), std::end(kLatin), name);
  if (found == std::end(kLatin)) return std::nullopt;
  return kFirstLatin + static_cast<std::uint32_t>(found - kLatin);
}

// `keep` is called for each byte of `text` and returns the byte to store, or
// '\0' to drop it.
template <class Keep>
Decoded kept(const Decoded& text, Keep keep) {
  Decoded out;
  for (std::size_t i = 0; i < text.bytes.size(); ++i) {
    const char c = keep(text.bytes[i]);
    if (c == '\0') continue;
    out.bytes += c;
    out.from.push_back(text.from[i]);
    out.to.push_back(text.to[i]);
  }
  return out;
}

}  // namespace

Decoded as_it_is(std::string_view text) {
  Decoded out;
  out.bytes = text;
  out.from.resize(text.size());
  out.to.resize(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    out.from[i] = static_cast<std::uint32_t>(i);
    out.to[i] = static_cast<std::uint32_t>(i + 1);
  }
  return out;
}

Piece percent(std::string_view rest) {
  if (rest.front() != '%') return {};
  const auto value = number_at(rest.substr(1), 2, 16);
  return value ? one_byte(3, *value) : Piece();
}

Piece form(std::string_view rest) {
  return rest.front() == '+' ? Piece{1, " "} : percent(rest);
}

Piece backslash(std::string_view rest) { return escape(rest, false); }

Piece backslash_text(std::string_view rest) { return escape(rest, true); }

Piece entities(std::string_view rest) {
  if (rest.front() != '&') return {};
  const std::size_t end = rest.substr(0, kLongestEntity + 2).find(';');
  if (end == std::string_view::npos) return {};
  const auto code = code_of_entity(rest.substr(1, end - 1));
  return code ? character(end + 1, *code) : Piece();
}

Piece shell(std::string_view rest) {
  if (rest.starts_with("'\\''")) return {4, "'"};
  if (rest.starts_with("'\"'\"'")) return {5, "'"};
  return {};
}

Piece doubled(std::string_view rest) {
  if (rest.starts_with("''") || rest.starts_with("\"\"")) {
    return {2, std::string(1, rest.front())};
  }
  return {};
}

Piece quoted_printable(std::string_view rest) {
  if (rest.front() != '=') return {};
  if (rest.starts_with("=\r\n")) return {3, ""};
  if (rest.starts_with("=\n")) return {2, ""};
  const auto value = number_at(rest.substr(1), 2, 16);
  return value ? one_byte(3, *value) : Piece();
}

std::optional<Decoded> unescaped(const Decoded& text, Unescape reader) {
  const std::string_view all = text.bytes;
  std::size_t i = 0;
  // Most texts contain no such escape; they are not copied.
  while (i < all.size() && reader(all.substr(i)).taken == 0) ++i;
  if (i == all.size()) return std::nullopt;
  const auto before = static_cast<std::ptrdiff_t>(i);
  Decoded out{text.bytes.substr(0, i),
              {text.from.begin(), text.from.begin() + before},
              {text.to.begin(), text.to.begin() + before}};
  while (i < all.size()) {
    Piece piece = reader(all.substr(i));
    if (piece.taken == 0) piece = {1, std::string(1, all[i])};
    const std::size_t last = i + piece.taken - 1;
    for (const char c : piece.bytes) {
      out.bytes += c;
      out.from.push_back(text.from[i]);
      out.to.push_back(text.to[last]);
    }
    i = last + 1;
  }
  return out;
}

Decoded hex_digits(const Decoded& text) {
  const std::string_view all = text.bytes;
  // The 0x of a number in C: neither character is a digit of the value.
  const auto is_prefix = [&](std::size_t i) {
    return i + 2 < all.size() && all[i] == '0' &&
           (all[i + 1] == 'x' || all[i + 1] == 'X') &&
           hex_digit(all[i + 2]) >= 0;
  };
  std::size_t i = 0, after_prefix = 0;
  return kept(text, [&](char c) {
    if (is_prefix(i)) after_prefix = i + 2;
    const bool left_out =
        i < after_prefix ||
        std::string_view(" \t\r\n:,-").find(c) != std::string_view::npos;
    ++i;
    if (left_out) return '\0';
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

Decoded base64_digits(const Decoded& text) {
  return kept(text, [](char c) {
    if (c == '\r' || c == '\n') return '\0';
    return c == '-' ? '+' : c == '_' ? '/' : c;
  });
}

namespace {

// The value of each digit; -1 for any other character.
using Digits = std::array<std::int8_t, 256>;

constexpr Digits digits_of(std::string_view alphabet, bool any_case) {
  Digits out{};
  for (auto& value : out) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    const std::size_t c = static_cast<unsigned char>(alphabet[i]);
    out[c] = static_cast<std::int8_t>(i);
    if (any_case && c >= 'a') out[c - 32] = static_cast<std::int8_t>(i);
  }
  return out;
}

constexpr Digits kBase64 = digits_of(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", false);
constexpr Digits kHex = digits_of("0123456789abcdef", true);

// Whether `rest` begins with an escape of kEscapes that hides the character it
// stands for. The plus sign of a form does not count: most base64 text contains
// one.
bool begins_escape(std::string_view rest) {
  const auto at = [&](std::size_t i) {
    return i < rest.size() ? rest[i] : '\0';
  };
  const char next = at(1);
  switch (rest.front()) {
    case '\\':
      return next >= ' ' && next <= '~';
    case '%':
    case '=':
      return hex_digit(next) >= 0 && hex_digit(at(2)) >= 0;
    case '&':
      return next == '#' || (next >= 'A' && next <= 'Z') ||
             (next >= 'a' && next <= 'z');
    case '"':
      return next == '"';
    case '\'':
      return next == '\'' || next == '\\' || next == '"';
    default:
      return false;
  }
}

// Whether these bytes can contain an encoded value or a string with an escape.
// The decoded bytes of a word or a path, which are not text, hardly ever can.
// Separators that may stand between the digits of one value do not end a run of
// digits.
bool can_hold_encoded(std::string_view bytes) {
  std::size_t digits = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (kBase64[static_cast<unsigned char>(c)] >= 0 || c == '-' || c == '_') {
      if (++digits == kFewestDigits) return true;
    } else if (begins_escape(bytes.substr(i))) {
      return true;
    } else if (std::string_view(" \t\r\n:,").find(c) ==
               std::string_view::npos) {
      digits = 0;
    }
  }
  return false;
}

// Decodes each run of digits, `bits` bits a digit, after leaving out its first
// `skip` digits.
Decoded bytes_of(const Decoded& digits, std::size_t skip, unsigned bits,
                 const Digits& values) {
  Decoded out;
  const std::string_view all = digits.bytes;
  const auto value = [&](std::size_t i) {
    return values[static_cast<unsigned char>(all[i])];
  };
  std::string run;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    while (end < all.size() && value(end) >= 0) ++end;
    if (end - begin >= kShortestRun) {
      const std::size_t first = begin + skip;
      run.clear();
      std::uint32_t held = 0;
      unsigned count = 0;
      for (std::size_t i = first; i < end; ++i) {
        held = held << bits | static_cast<std::uint32_t>(value(i));
        count += bits;
        if (count < 8) continue;
        count -= 8;
        run += static_cast<char>(held >> count & 0xFF);
      }
      if (can_hold_encoded(run)) {
        out.bytes += kBetweenRuns;
        out.from.push_back(digits.from[begin]);
        out.to.push_back(digits.from[begin]);
        out.bytes += run;
        for (std::size_t k = 0; k < run.size(); ++k) {
          out.from.push_back(digits.from[first + k * 8 / bits]);
          out.to.push_back(digits.to[first + (k * 8 + 7) / bits]);
        }
      }
    }
    begin = std::max(end, begin + 1);
  }
  return out;
}

}  // namespace

Decoded base64_bytes(const Decoded& digits, std::size_t skip) {
  return bytes_of(digits, skip, 6, kBase64);
}

Decoded hex_bytes(const Decoded& digits, std::size_t skip) {
  return bytes_of(digits, skip, 4, kHex);
}

std::string to_hex(std::string_view value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string base64_core(std::string_view value, std::size_t before) {
  // A digit carries six bits; digits shared with the neighbouring bytes are
  // left out.
  const std::string all =
      to_base64(std::string(before, '\0') + std::string(value));
  const std::size_t first = (before * 8 + 5) / 6;
  const std::size_t end = (before + value.size()) * 8 / 6;
  return first < end ? all.substr(first, end - first) : "";
}

}  // namespace berth
