// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/fd.hpp"
#include "base/text.hpp"

namespace berth::ctl {

std::vector<std::string> last_lines(const std::string& file,
                                    std::size_t count) {
  constexpr off_t kWindow = 64 * 1024;
  const Fd fd(
      ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return {};
  const off_t start = std::max<off_t>(0, status.st_size - kWindow);
  std::string text(kWindow, '\0');
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), start);
  if (got <= 0) return {};
  text.resize(static_cast<std::size_t>(got));
  // If the window does not begin at the start of the file, it begins within a
  // line.
  if (start > 0) text.erase(0, text.find('\n') + 1);
  if (text.ends_with('\n')) text.pop_back();
  auto lines = split(text, '\n');
  if (lines.size() > count) {
    lines.erase(lines.begin(),
                lines.end() - static_cast<std::ptrdiff_t>(count));
  }
  for (auto& line : lines) line = printable(line, 500);
  return lines;
}

}  // namespace berth::ctl
