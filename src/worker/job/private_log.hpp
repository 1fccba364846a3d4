// SPDX-License-Identifier: GPL-2.0-or-later
// The private log of a job, log/N.private.log, mode 0600, owner berth: the
// verbatim messages of PostgreSQL and pg_restore. Their errors quote rows,
// which are personal data until a base is scrubbed; the public log therefore
// gives only the place and the SQLSTATE, and names this file. The web never
// serves it, and the runner removes it together with N.log.
//
// Its lines have the format of N.log. The file is created with its first line
// and stops growing at 64 MiB, so that a script that RAISEs in a loop cannot
// fill the disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.hpp"

namespace berth::worker {

class PrivateLog {
 public:
  PrivateLog(const std::string& log_folder, std::int64_t job);

  // Writes each line of the text as a line of its own.
  void write(const std::string& step, std::string_view text);
  // The file's name for use in a message: "17.private.log".
  const std::string& name() const { return name_; }

 private:
  std::string folder_;
  std::string name_;
  Fd fd_;
};

}  // namespace berth::worker
