// SPDX-License-Identifier: GPL-2.0-or-later
// Parses query strings and plain forms with cgicc, which is only ever given
// text: it would size its buffer by Content-Length before reading, so bodies
// are read and limited by web/request.hpp.
#pragma once

#include <map>
#include <string>

namespace berth::web {

using Fields = std::map<std::string, std::string, std::less<>>;

// Parses "a=1&b=2" into fields; a ';' is part of a value, as browsers send it.
// Throws Problem 400 for an invalid escape, a name without "=", a repeated
// name, or bytes that are not UTF-8.
Fields parse_form(const std::string& text);

}  // namespace berth::web
