// SPDX-License-Identifier: GPL-2.0-or-later
// log/N.private.log, 0600 berth: what PostgreSQL and pg_restore said word for
// word. Their errors quote rows, and until a base is scrubbed a row is
// somebody's: the log for people says where and SQLSTATE, and names this file.
// The web never serves it; the runner removes it with N.log.
//
// Lines are those of N.log. The file appears with its first line and stops
// growing at 64 MiB: a script that RAISEs in a loop fills no disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.hpp"

namespace berth::worker {

class PrivateLog {
 public:
  PrivateLog(const std::string& log_folder, std::int64_t job);

  // Each line of the text becomes one.
  void write(const std::string& step, std::string_view text);
  // What to call it in a message: "17.private.log".
  const std::string& name() const { return name_; }

 private:
  std::string folder_;
  std::string name_;
  Fd fd_;
};

}  // namespace berth::worker
