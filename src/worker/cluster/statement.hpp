// SPDX-License-Identifier: GPL-2.0-or-later
// A file of SQL, cut into its statements as psql cuts it: at a `;` that is in
// no quotes ('', "", E'', $tag$), no comment (-- and nested /* */), no
// parentheses and no SQL function's BEGIN ATOMIC ... END. A quote that is not
// closed takes the rest: the server says what is wrong with it.
//
// The whole text in one message, as libpq would take it, was rejected: it is
// one transaction, in which no VACUUM runs; its results come when all is over,
// so nobody sees how far it is or what took how long; and an error that is no
// syntax error has no line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::worker {

struct Statement {
  std::string text;   // without the `;`, from its first word
  unsigned line = 1;  // where that word is
};

// Throws Error("read", `name`, ...) for psql's own commands (\set, \copy): a
// backslash outside of quotes is no SQL.
std::vector<Statement> split_statements(std::string_view text,
                                        const std::string& name);

// The line of the file for a place in a statement's text, as the server tells
// it: in characters, from 1; 0 when it tells none.
unsigned line_at(const Statement& statement, int position);

}  // namespace berth::worker
