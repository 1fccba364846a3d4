// SPDX-License-Identifier: GPL-2.0-or-later
// A SELECT whose texts the server cuts before it sends them: a comment can have
// 200 MiB. They are cut as bytes and sent as hexadecimal digits, because what
// reads characters (left(), length()) fails on bytes that are no text in the
// session's encoding, and any role can put such into what all databases share:
// a comment or a setting that it wrote while connected to one in SQL_ASCII.
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

  // The SELECT to send; empty: as it was.
  const std::string& sql() const { return sql_; }
  // What such a column's value stands for, as UTF-8: with U+FFFD for each byte
  // that is no text, and without a character that the cut went through. Any
  // other as it is.
  std::string cell(int column, const char* value) const;

 private:
  std::string sql_;
  std::vector<bool> variable_;
};

}  // namespace berth::worker
