// SPDX-License-Identifier: GPL-2.0-or-later
// How one value is written into a file of each language, so that it stays one
// value whatever is in it. Each throws std::invalid_argument, which says why,
// for a value that has no safe form: control characters, bytes that are no
// UTF-8, and for Apache also `${`, which it replaces even between quotes.
//
//   python   a string literal of Python 3, always with quotes and in ASCII, so
//            that it means the same in whatever encoding the file is read:
//            'it\'s', 'J\u00f6rg'; True, False, 1.5
//   apache   one argument of a directive: bare when every character is plain
//            ([A-Za-z0-9._/:@=+,-]), else between double quotes; On, Off
//   shell    one word: bare when plain, else between single quotes;
//            true, false
//
// A line break, carriage return or tab is \n, \r, \t for Python and stands
// between a shell's quotes as it is; Apache's files have no form for it.
// So a word of the shell can have several lines: see may_span_lines().
//
// The quotes belong to the value: a template must not put its own around it.
#pragma once

#include <string>
#include <string_view>

#include "base/config.hpp"

namespace berth {

std::string quote_python(const SetValue& value);
std::string quote_apache(const SetValue& value);
std::string quote_shell(const SetValue& value);

// Whether a value of several lines may stand after `before`, what its line of
// the template has in front of it: in a comment its second line would be code.
bool may_span_lines(std::string_view before);

}  // namespace berth
