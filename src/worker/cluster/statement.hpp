// SPDX-License-Identifier: GPL-2.0-or-later
// Splits a file of SQL into its statements as psql does: at each `;` outside
// quotes ('', "", E'', $tag$), comments (-- and nested /* */), parentheses and
// the BEGIN ATOMIC ... END of an SQL function. A quote that is not closed
// extends to the end of the file; the server reports the error.
//
// Sending the whole text in one message, as libpq would accept, was rejected:
// it would be one transaction, in which no VACUUM can run; its results arrive
// when everything is over, so nobody sees the progress or what took how long;
// and an error that is not a syntax error has no line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::worker {

struct Statement {
  std::string text;   // without the `;`, from its first word on
  unsigned line = 1;  // of that word
};

// Throws Error("read", `name`, ...) for psql's own commands (\set, \copy): a
// backslash outside quotes is not SQL.
std::vector<Statement> split_statements(std::string_view text,
                                        const std::string& name);

// The line of the file for a position in a statement's text as the server
// reports it: in characters, from 1; 0 if it reports none.
unsigned line_at(const Statement& statement, int position);

}  // namespace berth::worker
