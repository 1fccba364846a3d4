// SPDX-License-Identifier: GPL-2.0-or-later
// Query strings and plain forms, read by cgicc. Only text is ever given to
// it: it would size its buffer from Content-Length before reading, so bodies
// are read and capped by us (web/request.hpp).
#pragma once

#include <map>
#include <string>

namespace berth::web {

using Fields = std::map<std::string, std::string, std::less<>>;

// "a=1&b=2" to its fields; a ';' is part of a value, as browsers send it.
// Throws Problem 400 for a broken escape, a name without "=", a name given
// twice, or bytes that are not UTF-8.
Fields parse_form(const std::string& text);

}  // namespace berth::web
