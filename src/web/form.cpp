// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/form.hpp"

#include <cgicc/CgiInput.h>
#include <cgicc/Cgicc.h>

#include <cctype>
#include <string_view>

#include "base/text.hpp"
#include "web/problem.hpp"

namespace berth::web {
namespace {

// Presents to cgicc one GET request with a query string.
class TextInput : public cgicc::CgiInput {
 public:
  explicit TextInput(const std::string& text) : text_(text) {}
  std::size_t read(char*, std::size_t) override { return 0; }
  std::string getenv(const char* name) override {
    const std::string_view wanted = name;
    if (wanted == "REQUEST_METHOD") return "GET";
    if (wanted == "QUERY_STRING") return text_;
    return "";
  }

 private:
  const std::string& text_;
};

// cgicc takes a ';' as a separator, as in forms before HTML 5.
std::string without_semicolons(const std::string& text) {
  return join(split(text, ';'), "%3B");
}

// cgicc decodes "%zz" to something, and drops a last name without "=".
std::size_t count_pairs(const std::string& text) {
  const auto hex = [&text](std::size_t i) {
    return i < text.size() &&
           std::isxdigit(static_cast<unsigned char>(text[i])) != 0;
  };
  std::size_t pairs = 0;
  bool named = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '&') {
      pairs += named;
      named = false;
      continue;
    }
    named = true;
    if (text[i] == '%' && !(hex(i + 1) && hex(i + 2))) {
      throw Problem(400, "'%' must be followed by two hexadecimal digits");
    }
  }
  return pairs;
}

}  // namespace

Fields parse_form(const std::string& text) {
  if (text.empty()) return {};
  const std::size_t pairs = count_pairs(text);
  const std::string escaped = without_semicolons(text);
  TextInput input(escaped);
  const cgicc::Cgicc parsed(&input);
  Fields fields;
  for (const auto& entry : parsed.getElements()) {
    const std::string name = entry.getName();
    const std::string value = entry.getValue();
    if (name.empty()) throw Problem(400, "a field has no name");
    if (!is_valid_utf8(name) || !is_valid_utf8(value)) {
      refuse_member(printable(name, 64), "a field must be UTF-8");
    }
    if (!fields.emplace(name, value).second) {
      refuse_member(printable(name, 64),
                    "'" + printable(name, 64) + "' is given twice");
    }
  }
  if (fields.size() != pairs) {
    throw Problem(400, "a field must be of the form name=value");
  }
  return fields;
}

}  // namespace berth::web
