// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the body of a change as a JSON object, from JSON or from a plain form
// (`curl -d`), and checks that every member is known and of its type. A form
// has text only, so the handler names the type of each field.
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

// Throws Problem: 415 for another media type, 400 for an empty body, invalid
// JSON (with its offset), or a member that is unknown or of another type (with
// its name). Members that are null are omitted. Line breaks in texts become LF,
// because a browser's form sends CR LF.
json::object read_body(const Request& request,
                       std::initializer_list<Field> fields);
// The same for a change without mandatory members: an empty body is {}.
json::object read_optional_body(const Request& request,
                                std::initializer_list<Field> fields);

// Runs f(); a JsonError in it is the client's error and becomes a 400.
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
