// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/xml.hpp"

#include <charconv>
#include <cstdint>
#include <set>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth {
namespace {

constexpr int kDeepest = 64;
constexpr std::size_t kLongestEntity = 13;  // with its & and its ;

// Twice, because pugixml keeps an entity that it does not know as it is
// written: only the text as it is written shows which those are.
constexpr unsigned kAsWritten =
    pugi::parse_fragment | pugi::parse_cdata | pugi::parse_doctype;
constexpr unsigned kDecoded =
    pugi::parse_cdata | pugi::parse_escapes | pugi::parse_ws_pcdata;

// "#10", "#xe4": of a character that UTF-8 can have.
bool is_number(std::string_view word) {
  if (!word.starts_with('#')) return false;
  const bool hex = word.substr(1).starts_with('x');
  word.remove_prefix(hex ? 2 : 1);
  std::uint32_t code = 0;
  const char* end = word.data() + word.size();
  const auto read = std::from_chars(word.data(), end, code, hex ? 16 : 10);
  return read.ec == std::errc() && read.ptr == end && code != 0 &&
         code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

bool has_bad_entity(std::string_view text) {
  for (auto at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
    const auto end = text.substr(at, kLongestEntity).find(';');
    if (end == text.npos) return true;
    const std::string_view word = text.substr(at + 1, end - 1);
    if (word != "lt" && word != "gt" && word != "amp" && word != "quot" &&
        word != "apos" && !is_number(word)) {
      return true;
    }
  }
  return false;
}

// What is wrong with a document as written; empty: nothing. Without recursion,
// as pugixml reads it: a hostile document is a million deep.
class Check : public pugi::xml_tree_walker {
 public:
  std::string problem;

  bool for_each(pugi::xml_node& node) override {
    if (node.type() == pugi::node_pcdata) check_text(node.value());
    if (node.type() == pugi::node_element) check_element(node);
    return problem.empty();
  }

 private:
  void check_text(std::string_view text) {
    if (has_bad_entity(text)) problem = "has an unknown entity";
  }
  void check_element(const pugi::xml_node& element) {
    if (depth() >= kDeepest) problem = "is too deep";
    std::set<std::string_view> names;
    for (const pugi::xml_attribute a : element.attributes()) {
      const std::string_view value = a.value();
      if (!names.insert(a.name()).second) problem = "has an attribute twice";
      if (value.find('<') != value.npos) problem = "has a < in an attribute";
      check_text(value);
    }
  }
};

std::string refuse_as_written(pugi::xml_document& document) {
  const pugi::xml_node root = document.first_child();
  if (root.type() == pugi::node_doctype) return "has a DOCTYPE";
  if (root.type() != pugi::node_element) return "lacks an element";
  if (root.next_sibling()) return "has something after its end";
  Check check;
  document.traverse(check);
  return check.problem;
}

}  // namespace

pugi::xml_document parse_xml(std::string_view text, const std::string& what,
                             std::size_t most) {
  const auto fail = [&what](const std::string& why) {
    throw Error("read the XML of", what, "it " + why);
  };
  if (text.size() > most) fail("is too large");
  if (!is_valid_utf8(text) || text.find('\0') != text.npos) {
    fail("is not UTF-8 text");
  }
  pugi::xml_document out;
  for (const unsigned how : {kAsWritten, kDecoded}) {
    const pugi::xml_parse_result read =
        out.load_buffer(text.data(), text.size(), how, pugi::encoding_utf8);
    if (!read) {
      fail("is not well-formed: " + std::string(read.description()) +
           " (byte " + std::to_string(read.offset) + ")");
    }
    if (how == kDecoded) break;
    const std::string problem = refuse_as_written(out);
    if (!problem.empty()) fail(problem);
  }
  return out;
}

std::string xml_text(const pugi::xml_node& element) {
  std::string out;
  for (const pugi::xml_node child : element.children()) {
    if (child.type() != pugi::node_element) out += child.value();
  }
  return out;
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
