// SPDX-License-Identifier: GPL-2.0-or-later
// The body of a change as one JSON object, whether it came as JSON or as a
// plain form (`curl -d`), with every member known and of its type. A form has
// only text, so the handler says what each field is.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "web/problem.hpp"
#include "web/request.hpp"

namespace berth::web {

enum class FieldType { text, number, boolean };

struct Field {
  const char* name;
  FieldType type;
};

// Throws Problem: 415 for another media type, 400 for an empty body, bad JSON
// (with its offset), a member that is unknown or of another type (by name).
// Members that are null are left out. Line breaks in texts are LF, whatever the
// client's are: a browser's form sends CR LF.
json::object read_body(const Request& request,
                       std::initializer_list<Field> fields);
// The same for a change that may have nothing to say: no body is {}.
json::object read_optional_body(const Request& request,
                                std::initializer_list<Field> fields);

// Runs f(); a JsonError in it is the client's fault and becomes a 400.
template <class F>
auto asked(F f) {
  try {
    return f();
  } catch (const JsonError& error) {
    json::object extra;
    if (!error.member().empty()) extra["member"] = error.member();
    if (error.offset()) extra["offset"] = *error.offset();
    throw Problem(400, error.what(), std::move(extra));
  }
}

}  // namespace berth::web
