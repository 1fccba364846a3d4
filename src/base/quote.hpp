// SPDX-License-Identifier: GPL-2.0-or-later
// Quotes one value for a file in each language, so that it remains one value
// whatever it contains. Each function throws std::invalid_argument with the
// reason for a value without a safe form: control characters, invalid UTF-8,
// and for Apache also `${`, which it expands even between quotes.
//
//   python   a string literal of Python 3, always with quotes and in ASCII, so
//            that it means the same in whatever encoding the file is read:
//            'it\'s', 'J\u00f6rg'; True, False, 1.5
//   apache   one argument of a directive: bare when every character is plain
//            ([A-Za-z0-9._/:@=+,-]), else between double quotes; On, Off
//   shell    one word: bare when plain, else between single quotes;
//            true, false
//
// Line breaks, carriage returns and tabs are \n, \r, \t for Python and are kept
// between a shell's quotes; Apache's files have no form for them. So a shell
// word can span several lines: see may_span_lines().
//
// The quotes are part of the value: a template must not add its own.
#pragma once

#include <string>
#include <string_view>

#include "base/config.hpp"

namespace berth {

std::string quote_python(const SetValue& value);
std::string quote_apache(const SetValue& value);
std::string quote_shell(const SetValue& value);

// Whether a value of several lines may follow `before`, the start of its line
// in the template: in a comment, its second line would be code.
bool may_span_lines(std::string_view before);

}  // namespace berth
