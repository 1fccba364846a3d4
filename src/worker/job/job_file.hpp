// SPDX-License-Identifier: GPL-2.0-or-later
// The file of a job, PATH/active/N.json, and the folder that contains it.
#pragma once

#include <string>

#include "base/dir.hpp"
#include "model/job.hpp"

namespace berth::worker {

struct JobFile {
  // Throws Error unless the path is PATH/N.json and the file contains job N.
  explicit JobFile(const std::string& path);
  std::string path;
  Dir folder;
  std::int64_t id = 0;
  Job job;
};

}  // namespace berth::worker
