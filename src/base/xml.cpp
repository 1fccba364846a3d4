// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/xml.hpp"

#include <cstdint>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

constexpr int kDeepest = 64;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool ends_name(char c) {
  return is_space(c) || c == '>' || c == '/' || c == '=' || c == '<';
}

void put_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&out](std::uint32_t b) { out += static_cast<char>(b); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& what)
      : text_(text), what_(what) {}

  XmlElement document(std::size_t most) {
    if (text_.size() > most) fail("is too large");
    if (!is_valid_utf8(text_)) fail("is not UTF-8");
    skip_misc();
    XmlElement root = element(0);
    skip_misc();
    if (at_ != text_.size()) fail("has something behind its end");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Error("read the XML of", what_,
                "it " + why + " (byte " + std::to_string(at_) + ")");
  }
  bool sees(std::string_view word) const {
    return text_.substr(at_, word.size()) == word;
  }
  char peek() const {
    if (at_ >= text_.size()) fail("ends too early");
    return text_[at_];
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  void skip_behind(std::string_view end) {
    const auto found = text_.find(end, at_);
    if (found == std::string_view::npos) fail("ends too early");
    at_ = found + end.size();
  }
  // What may stand before and behind the root.
  void skip_misc() {
    for (;;) {
      skip_space();
      if (sees("<!--")) {
        skip_behind("-->");
      } else if (sees("<?")) {
        skip_behind("?>");
      } else if (sees("<!DOCTYPE")) {
        skip_behind(">");
      } else {
        return;
      }
    }
  }

  std::string name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !ends_name(text_[at_])) ++at_;
    if (at_ == begin) fail("lacks a name");
    return std::string(text_.substr(begin, at_ - begin));
  }

  void entity(std::string& out) {
    const auto end = text_.substr(at_, 13).find(';');
    if (end == std::string_view::npos) fail("has a bare &");
    const std::string_view word = text_.substr(at_ + 1, end - 1);
    if (word == "lt") {
      out += '<';
    } else if (word == "gt") {
      out += '>';
    } else if (word == "amp") {
      out += '&';
    } else if (word == "quot") {
      out += '"';
    } else if (word == "apos") {
      out += '\'';
    } else if (word.size() > 1 && word[0] == '#') {
      put_utf8(number(word.substr(1)), out);
    } else {
      fail("has an unknown entity");
    }
    at_ += end + 1;
  }

  std::uint32_t number(std::string_view digits) const {
    const bool hex = digits[0] == 'x';
    if (hex) digits.remove_prefix(1);
    std::uint32_t code = 0;
    for (const char c : digits) {
      const int digit = hex_digit(c);
      if (digit < 0 || digit >= (hex ? 16 : 10)) {
        fail("has no number behind &#");
      }
      code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
      if (code > 0x10ffff) fail("has a character that is none");
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (digits.empty() || code == 0 || surrogate) {
      fail("has a character that is none");
    }
    return code;
  }

  void attributes(XmlElement& out) {
    for (;;) {
      skip_space();
      const char c = peek();
      if (c == '>' || c == '/') return;
      const std::string key = name();
      skip_space();
      if (peek() != '=') fail("has an attribute without a value");
      ++at_;
      skip_space();
      const char quote = peek();
      if (quote != '"' && quote != '\'') fail("has a value without quotes");
      ++at_;
      std::string value;
      while (peek() != quote) {
        if (peek() == '<') fail("has a < in an attribute");
        if (peek() == '&') {
          entity(value);
        } else {
          value += text_[at_++];
        }
      }
      ++at_;
      out.attributes[key] = std::move(value);
    }
  }

  XmlElement element(int depth) {
    if (depth > kDeepest) fail("is too deep");
    if (peek() != '<') fail("lacks an element");
    ++at_;
    XmlElement out;
    out.name = name();
    attributes(out);
    if (peek() == '/') {
      ++at_;
      if (peek() != '>') fail("has a / in a tag");
      ++at_;
      return out;
    }
    ++at_;
    content(out, depth);
    return out;
  }

  void content(XmlElement& out, int depth) {
    for (;;) {
      if (sees("</")) {
        at_ += 2;
        if (name() != out.name) fail("closes another element than it opened");
        skip_space();
        if (peek() != '>') fail("has a closing tag without an end");
        ++at_;
        return;
      }
      if (sees("<!--")) {
        skip_behind("-->");
      } else if (sees("<?")) {
        skip_behind("?>");
      } else if (sees("<![CDATA[")) {
        at_ += 9;
        const std::size_t begin = at_;
        skip_behind("]]>");
        out.text += text_.substr(begin, at_ - 3 - begin);
      } else if (peek() == '<') {
        out.children.push_back(element(depth + 1));
      } else if (peek() == '&') {
        entity(out.text);
      } else {
        out.text += text_[at_++];
      }
    }
  }

  std::string_view text_;
  const std::string& what_;
  std::size_t at_ = 0;
};

}  // namespace

const XmlElement* XmlElement::child(std::string_view child_name) const {
  for (const XmlElement& one : children) {
    if (one.name == child_name) return &one;
  }
  return nullptr;
}

const XmlElement* XmlElement::at(const std::vector<std::string>& path) const {
  const XmlElement* here = this;
  for (const std::string& step : path) {
    here = here->child(step);
    if (!here) return nullptr;
  }
  return here;
}

std::vector<const XmlElement*> XmlElement::all(
    std::string_view child_name) const {
  std::vector<const XmlElement*> out;
  for (const XmlElement& one : children) {
    if (one.name == child_name) out.push_back(&one);
  }
  return out;
}

std::string XmlElement::attribute(const std::string& attribute_name) const {
  const auto found = attributes.find(attribute_name);
  return found == attributes.end() ? "" : found->second;
}

std::string XmlElement::text_of(std::string_view child_name) const {
  const XmlElement* found = child(child_name);
  return found ? found->text : "";
}

XmlElement parse_xml(std::string_view text, const std::string& what,
                     std::size_t most) {
  return Parser(text, what).document(most);
}

std::string xml_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&apos;";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace berth
