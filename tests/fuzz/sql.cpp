// SPDX-License-Identifier: GPL-2.0-or-later
// A file of SQL and its statements. That they are those which psql sends is
// tests/unit/worker/cluster/statement_psql_test.cpp's to say.
#include "base/error.hpp"
#include "fuzz/fuzz.hpp"
#include "worker/cluster/statement.hpp"

namespace berth::fuzz {

FUZZ(sql) {
  std::vector<worker::Statement> statements;
  try {
    statements = worker::split_statements(input, "a.sql");
  } catch (const Error&) {
    return;
  }
  std::size_t at = 0;
  unsigned line = 1;
  for (const worker::Statement& statement : statements) {
    require(!statement.text.empty(), "a statement has a word");
    const std::size_t found = input.find(statement.text, at);
    require(found != input.npos, "statements are parts of the text, in order");
    require(statement.line >= line, "lines go up");
    at = found + statement.text.size();
    line = statement.line;
    for (const int position : {-1, 0, 1, 3, 1 << 20}) {
      const unsigned told = worker::line_at(statement, position);
      require(told == 0 || told >= statement.line, "an error is in it");
    }
  }
}

}  // namespace berth::fuzz
