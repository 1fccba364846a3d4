// SPDX-License-Identifier: GPL-2.0-or-later
// A job's file and what lies beside it: PATH/active/N.json.
#pragma once

#include <string>

#include "base/dir.hpp"
#include "model/job.hpp"

namespace berth::worker {

struct JobFile {
  // Throws Error for anything but PATH/N.json with job N in it.
  explicit JobFile(const std::string& path);
  std::string path;
  Dir folder;
  std::int64_t id = 0;
  Job job;
};

}  // namespace berth::worker
