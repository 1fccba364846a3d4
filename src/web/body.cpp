// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/body.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/text.hpp"

namespace berth::web {
namespace {

const Field& known(std::initializer_list<Field> fields,
                   std::string_view name) {
  for (const Field& field : fields) {
    if (name == field.name) return field;
  }
  const std::string shown = printable(name, 64);
  std::vector<std::string> names;
  for (const Field& field : fields) names.emplace_back(field.name);
  refuse_member(shown, "unknown member '" + shown + "'" +
                           (names.empty() ? "; this request has no members"
                                          : "; known members: " +
                                                join(names, ", ")));
}

[[noreturn]] void wrong(const Field& field, const char* wanted) {
  refuse_member(field.name, std::string("'") + field.name + "' must be " +
                                wanted);
}

std::string with_line_feeds(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\r\n") != 0) out.push_back(text[i]);
  }
  return out;
}

json::value from_text(const Field& field, const std::string& text) {
  if (field.type == FieldType::text) {
    return json::value(with_line_feeds(text));
  }
  if (field.type == FieldType::boolean) {
    const std::string word = lower(text);
    for (const char* yes : {"true", "1", "yes", "on"}) {
      if (word == yes) return true;
    }
    for (const char* no : {"false", "0", "no", "off"}) {
      if (word == no) return false;
    }
    wrong(field, "true or false");
  }
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number)) {
    wrong(field, "a number");
  }
  return number;
}

json::object from_form(const Request& request,
                       std::initializer_list<Field> fields) {
  json::object out;
  for (const auto& [name, text] : parse_form(request.body)) {
    out[name] = from_text(known(fields, name), text);
  }
  return out;
}

json::object from_json(const Request& request,
                       std::initializer_list<Field> fields) {
  const json::value value =
      asked([&request] { return parse_json(request.body); });
  if (!value.is_object()) {
    throw Problem(400, "the body must be a JSON object");
  }
  json::object out;
  for (const auto& [name, member] : value.get_object()) {
    const Field& field = known(fields, std::string_view(name));
    if (member.is_null()) continue;
    // A revision may be a JSON number, as it is in Subversion.
    if (field.type == FieldType::text && member.is_int64() &&
        std::string_view(name) == "revision") {
      out[name] = std::to_string(member.get_int64());
      continue;
    }
    if (field.type == FieldType::text && !member.is_string()) {
      wrong(field, "a string");
    }
    if (field.type == FieldType::number && !member.is_number()) {
      wrong(field, "a number");
    }
    if (field.type == FieldType::boolean && !member.is_bool()) {
      wrong(field, "true or false");
    }
    // Converted as a form's fields are, so that a repeated request has the same
    // bytes.
    if (field.type == FieldType::number) {
      out[name] = member.to_number<double>();
    } else if (field.type == FieldType::text) {
      out[name] = with_line_feeds(std::string(member.get_string()));
    } else {
      out[name] = member;
    }
  }
  return out;
}

}  // namespace

json::object read_body(const Request& request,
                       std::initializer_list<Field> fields) {
  const bool form =
      request.content_type == "application/x-www-form-urlencoded";
  if (!form && request.content_type != "application/json" &&
      !(request.content_type.empty() && request.body.empty())) {
    throw Problem(415,
                  "unsupported Content-Type '" +
                      printable(request.content_type, 64) +
                      "'; send application/json or "
                      "application/x-www-form-urlencoded");
  }
  if (request.body.empty()) {
    throw Problem(400, "the body is empty; send a JSON object or a form");
  }
  return form ? from_form(request, fields) : from_json(request, fields);
}

json::object read_optional_body(const Request& request,
                                std::initializer_list<Field> fields) {
  if (request.body.empty()) return {};
  return read_body(request, fields);
}

}  // namespace berth::web
