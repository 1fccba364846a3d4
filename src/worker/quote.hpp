// SPDX-License-Identifier: GPL-2.0-or-later
// How one value is written into a file of each language, so that it stays one
// value whatever is in it. Each throws std::invalid_argument, which says why,
// for a value that has no safe form: control characters, bytes that are no
// UTF-8, and for Apache also `${`, which it replaces even between quotes.
//
//   python   a string literal, always with quotes: 'it\'s'; True, False, 1.5
//   apache   one argument of a directive: bare when every character is plain
//            ([A-Za-z0-9._/:@=+,-]), else between double quotes; On, Off
//   shell    one word: bare when plain, else between single quotes;
//            true, false
//
// The quotes belong to the value: a template must not put its own around it.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth::worker {

std::string quote_python(const SetValue& value);
std::string quote_apache(const SetValue& value);
std::string quote_shell(const SetValue& value);

}  // namespace berth::worker
