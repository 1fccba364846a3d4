// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/history_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"

namespace berth {
namespace {

constexpr off_t kReadAtOnce = off_t{16} << 20;
constexpr off_t kLongestHead = 4096;

std::string read_part(int fd, off_t from, off_t size, const std::string& path) {
  std::string out(static_cast<std::size_t>(size), '\0');
  std::size_t got = 0;
  while (got < out.size()) {
    const ssize_t n = ::pread(fd, out.data() + got, out.size() - got,
                              from + static_cast<off_t>(got));
    if (n <= 0) throw_errno("read", path);
    got += static_cast<std::size_t>(n);
  }
  return out;
}

}  // namespace

std::optional<std::string> read_newest(const Dir& dir,
                                       const std::string& name) {
  const std::string path = dir.path_of(name);
  const Fd fd = dir.open(name, O_RDONLY | O_NONBLOCK);
  if (!fd) return std::nullopt;
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) throw_errno("stat", path);
  if (!S_ISREG(st.st_mode)) throw Error("read", path, "not a regular file");
  if (st.st_size <= kReadAtOnce) {
    return read_part(fd.get(), 0, st.st_size, path);
  }
  std::string out = read_part(fd.get(), 0, kLongestHead, path);
  out.resize(out.find('\n') + 1);  // no newline: the head is empty, and refused
  const std::string tail =
      read_part(fd.get(), st.st_size - kReadAtOnce, kReadAtOnce, path);
  return out + tail.substr(std::min(tail.find('\n'), tail.size() - 1) + 1);
}

std::string history_file_name(const std::string& subject) {
  return subject + ".jsonl";
}

std::string history_head(const std::string& subject) {
  const json::value head = {{"version", 1}, {"server", subject}};
  return json::serialize(head) + "\n";
}

HistoryText split_history(std::string_view text, const std::string& path) {
  HistoryText out;
  bool head = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (!head) {
      out.lines.push_back(line);
      continue;
    }
    head = false;
    try {
      const json::value value = parse_json(line);
      ObjectReader in(value, "head");
      const std::int64_t version = in.integer("version");
      if (version > 1) throw NewerFormat("", version, 1);
    } catch (const NewerFormat& e) {
      throw Error("read history", path, e.what());
    } catch (const JsonError& e) {
      // Every line has the complete state after it, so a damaged head hides
      // none of them. The head may be a line itself.
      out.problem = e.what();
      out.lines.push_back(line);
    }
  }
  return out;
}

std::int64_t cut_torn_tail(int fd, const std::string& path) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) throw_errno("stat", path);
  char block[4096];
  off_t end = st.st_size;
  // Searches backwards, block by block, for the last newline.
  while (end > 0) {
    const off_t from = std::max<off_t>(0, end - off_t{sizeof block});
    const ssize_t n =
        ::pread(fd, block, static_cast<std::size_t>(end - from), from);
    if (n != end - from) throw_errno("read", path);
    off_t keep = n;
    while (keep > 0 && block[keep - 1] != '\n') --keep;
    end = from + keep;
    if (keep > 0) break;
  }
  if (end == st.st_size) return 0;
  if (::ftruncate(fd, end) != 0) throw_errno("cut", path);
  return st.st_size - end;
}

}  // namespace berth
