// SPDX-License-Identifier: GPL-2.0-or-later
// A SELECT whose texts the server cuts before it sends them: a comment can have
// 200 MiB. They are cut as bytes and sent in hexadecimal, because functions
// that read characters (left(), length()) fail on bytes that are not valid in
// the session's encoding, and any role can put such bytes into shared catalogs:
// in a comment or a setting written while it is connected to a SQL_ASCII
// database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::worker {

inline constexpr std::size_t kLongestCell = 8192;  // bytes

class CutColumns {
 public:
  CutColumns() = default;
  // `variable`: which columns of `select` have no fixed size.
  CutColumns(const std::string& select, std::vector<bool> variable);

  // The SELECT to send; empty: the original one.
  const std::string& sql() const { return sql_; }
  // Decodes the value of such a column as UTF-8: each invalid byte becomes
  // U+FFFD, and a character that was cut is removed. Other values are returned
  // unchanged.
  std::string cell(int column, const char* value) const;

 private:
  std::string sql_;
  std::vector<bool> variable_;
};

}  // namespace berth::worker
