// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/private_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "step/mask.hpp"

namespace berth::worker {
namespace {

constexpr mode_t kMode = 0600;
constexpr off_t kLargestLog = off_t{64} << 20;
constexpr std::size_t kLongestLogLine = 16 * 1024;

}  // namespace

PrivateLog::PrivateLog(const std::string& log_folder, std::int64_t job)
    : folder_(log_folder), name_(std::to_string(job) + ".private.log") {}

void PrivateLog::write(const std::string& step, std::string_view text) {
  const std::string path = folder_ + "/" + name_;
  if (!fd_) {
    fd_ = Dir(folder_).open(name_, O_WRONLY | O_APPEND | O_CREAT, kMode);
    if (!fd_ || ::fchmod(fd_.get(), kMode) != 0) throw_errno("open", path);
  }
  struct stat st {};
  if (::fstat(fd_.get(), &st) != 0 || st.st_size > kLargestLog) return;
  std::string lines;
  const std::string front = rfc3339_ms(wall_now_ms()) + " " + step + " ";
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) lines += front + one_line(line, kLongestLogLine) + "\n";
  }
  write_all(fd_.get(), lines, path);
}

}  // namespace berth::worker
