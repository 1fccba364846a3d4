// SPDX-License-Identifier: GPL-2.0-or-later
// The web side's reader: the last lines of a history, read from its end.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/error.hpp"
#include "base/json.hpp"
#include "store/history.hpp"
#include "store/history_file.hpp"

namespace berth {
namespace {

// The number at the start of a raw line; we write it as the first member.
std::optional<std::int64_t> seq_of(std::string_view line) {
  constexpr std::string_view kFront = "{\"seq\":";
  if (!line.starts_with(kFront)) return std::nullopt;
  line.remove_prefix(kFront.size());
  std::int64_t value = 0;
  const auto [end, error] =
      std::from_chars(line.data(), line.data() + line.size(), value);
  // At the end of what was read it may be incomplete.
  if (error != std::errc() || value < 0 || end == line.data() + line.size()) {
    return std::nullopt;
  }
  return value;
}

std::string read_at(int fd, off_t from, off_t end, const std::string& path) {
  std::string out(static_cast<std::size_t>(end - from), '\0');
  const ssize_t n = ::pread(fd, out.data(), out.size(), from);
  if (n != end - from) throw_errno("read", path);
  return out;
}

// The offset of a line after which all numbers are at least `before`, or the
// file's size: numbers rise. A history is unbounded, and readers may request
// its oldest lines repeatedly, so it is not read from its end for them.
off_t end_before(int fd, off_t size, std::int64_t before,
                 const std::string& path) {
  constexpr off_t kPiece = 128 * 1024;  // more than a whole line
  off_t low = 0, high = size;
  while (high - low > 2 * kPiece) {
    const off_t middle = low + (high - low) / 2;
    const std::string block =
        read_at(fd, middle, middle + kPiece, path);
    std::optional<std::int64_t> seq;
    std::size_t at = 0;
    while (!seq && (at = block.find('\n', at)) != std::string::npos) {
      seq = seq_of(std::string_view(block).substr(++at));
    }
    if (!seq) return high;  // unreadable lines: read from the end
    (*seq < before ? low : high) = middle + static_cast<off_t>(at);
  }
  return high;
}

// Reads one file backwards and passes its lines to `wants`, newest first, until
// that returns false. The head and an incomplete last line are left out.
template <class Wants>
bool backwards(const Dir& dir, const std::string& name,
               std::optional<std::int64_t> before, Wants wants) {
  Fd fd = dir.open(name, O_RDONLY);
  if (!fd) return true;
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) throw_errno("stat", dir.path_of(name));
  std::string rest;  // the start of a line that ends in a later block
  bool tail = true;  // what follows the last newline is incomplete
  off_t end = st.st_size;
  if (before) end = end_before(fd.get(), end, *before, dir.path_of(name));
  constexpr off_t kBlock = 64 * 1024;
  while (end > 0) {
    const off_t from = std::max<off_t>(0, end - kBlock);
    std::string block = read_at(fd.get(), from, end, dir.path_of(name));
    block += rest;
    std::size_t cut;
    while ((cut = block.rfind('\n')) != std::string::npos) {
      const std::string line = block.substr(cut + 1);
      block.resize(cut);
      if (tail) {
        tail = false;
      } else if (!wants(line)) {
        return false;
      }
    }
    rest = std::move(block);
    end = from;
  }
  return true;  // the rest is the head
}

}  // namespace

void walk_history(const Dir& dir, const std::string& subject,
                  const std::function<bool(const std::string&)>& wants,
                  std::optional<std::int64_t> before) {
  if (!backwards(dir, history_file_name(subject), before, wants)) return;
  // Older years, newest first: SERVER.YEAR.jsonl.
  auto names = dir.names();
  std::reverse(names.begin(), names.end());
  for (const auto& name : names) {
    if (name.starts_with(subject + ".") && name.ends_with(".jsonl") &&
        name.size() == subject.size() + 11 &&
        !backwards(dir, name, before, wants)) {
      return;
    }
  }
}

std::vector<std::string> read_history(const Dir& dir,
                                      const std::string& subject,
                                      std::size_t limit,
                                      std::optional<std::int64_t> before) {
  std::vector<std::string> out;
  if (limit == 0) return out;
  std::optional<std::int64_t> oldest = before;
  walk_history(dir, subject, [&](const std::string& line) {
    const auto seq = seq_of(line);
    // A new year's file repeats the last line of the old one.
    if (seq && (!oldest || *seq < *oldest)) {
      out.push_back(line);
      oldest = seq;
    }
    return out.size() < limit;
  }, before);
  return out;
}

std::optional<Configuration> configuration_at(
    const Dir& dir, const std::string& server,
    std::optional<std::int64_t> seq) {
  std::optional<Configuration> out;
  const auto before = seq ? std::optional(*seq + 1) : std::nullopt;
  walk_history(dir, server, [&](const std::string& raw) {
    try {
      const HistoryLine line = history_line_from_json(parse_json(raw));
      if (seq && line.seq > *seq) return true;
      out = line.configuration;
      return false;
    } catch (const JsonError&) {
      return true;  // History tells of it
    }
  }, before);
  return out;
}

std::vector<std::string> list_histories(const Dir& dir) {
  std::vector<std::string> out;
  for (const auto& name : dir.names()) {
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos && dot > 0 && name.substr(dot) == ".jsonl") {
      out.push_back(name.substr(0, dot));
    }
  }
  return out;
}

}  // namespace berth
