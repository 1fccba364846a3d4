// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/history.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "model/number.hpp"
#include "store/history_file.hpp"
#include "store/layout.hpp"

namespace berth {
namespace {

constexpr std::size_t kLongestLine = 64 * 1024;
// A crash repeats at most the last few operations, so older causes are not
// needed.
constexpr std::size_t kCausesKept = 200;

std::string cause_of(const HistoryLine& line) {
  return line.event + "/" + line.cause_token + "/" +
         (line.cause_job ? std::to_string(*line.cause_job) : "");
}

std::string year_of(Instant at) { return rfc3339(at).substr(0, 4); }

}  // namespace

json::object to_json(const HistoryLine& line) {
  json::object out = {{"seq", line.seq}};
  write_members(out, line);
  out["cause"] = line.cause_job ? json::value{{"job", *line.cause_job}}
                                : json::value{{"token", line.cause_token}};
  out["hold"] = or_null(line.hold);
  out["configuration"] = or_null(line.configuration);
  if (!line.job.is_null()) out["job"] = line.job;
  return out;
}

HistoryLine history_line_from_json(const json::value& value) {
  ObjectReader in(value, "history line");
  HistoryLine line;
  line.seq = read_number(in, "seq");
  read_members(in, line);
  ObjectReader cause(in.value("cause"), "cause");
  line.cause_token = cause.optional_string("token").value_or("");
  line.cause_job = read_optional_number(cause, "job");
  cause.finish();
  read_member(in, "hold", line.hold);
  read_member(in, "configuration", line.configuration);
  read_member(in, "job", line.job);
  in.finish();
  return line;
}

// The serialized number may have nineteen digits; here it has one.
bool fits(const HistoryLine& line) {
  return json::serialize(to_json(line)).size() + 20 < kLongestLine;
}

History::History(const Dir& dir, std::string subject)
    : dir_(dir), subject_(std::move(subject)) {
  load();
}

void History::load() {
  const std::string name = history_file_name(subject_);
  const auto text = read_newest(dir_, name);
  if (!text) return;
  const HistoryText parsed = split_history(*text, dir_.path_of(name));
  if (!parsed.problem.empty()) {
    log_error("history " + dir_.path_of(name) + ": cannot read its head: " +
              printable(parsed.problem, 200));
  }
  for (const auto& raw : parsed.lines) {
    try {
      last_ = history_line_from_json(parse_json(raw));
    } catch (const JsonError& e) {
      log_error("history " + dir_.path_of(name) + ": skipped a line: " +
                e.what() + ": " + printable(raw, 100));
      continue;
    }
    causes_.push_back(cause_of(*last_));
    highest_job_ = std::max(highest_job_, last_->cause_job.value_or(0));
    if (causes_.size() > 2 * kCausesKept) {
      causes_.erase(causes_.begin(), causes_.begin() + kCausesKept);
    }
  }
}

bool History::has_cause(const HistoryLine& line) const {
  return std::find(causes_.begin(), causes_.end(), cause_of(line)) !=
         causes_.end();
}

std::int64_t History::append(HistoryLine line) {
  if (has_cause(line)) {
    // A crash may have come between its write and its fsync.
    if (Fd fd = dir_.open(history_file_name(subject_), O_RDONLY)) {
      sync_fd(fd.get(), dir_.path_of(subject_));
      dir_.sync();
    }
    return last_ ? last_->seq : 0;
  }
  rotate(line.at);
  line.seq = last_ ? last_->seq + 1 : 1;
  const std::string name = history_file_name(subject_);
  const std::string path = dir_.path_of(name);
  const std::string text = json::serialize(to_json(line)) + "\n";
  if (!fits(line)) {
    throw Error("append to", path, "the line must not be longer than 64 KiB");
  }
  const bool fresh = !dir_.exists(name);
  Fd fd = dir_.open(name, O_RDWR | O_CREAT | O_APPEND, kReadableByWeb);
  if (!fd) throw_errno("open", path);
  if (::fchmod(fd.get(), kReadableByWeb) != 0) throw_errno("chmod", path);
  const std::int64_t cut = cut_torn_tail(fd.get(), path);
  if (cut > 0) {
    log_warning("history " + path + ": removed an incomplete line of " +
                std::to_string(cut) + " bytes");
  }
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) throw_errno("stat", path);
  // The head and the first line are one write: a file with only a head is
  // valid, one without a head is not.
  std::string out = st.st_size == 0 ? history_head(subject_) + text : text;
  write_all(fd.get(), out, path);
  sync_fd(fd.get(), path);
  if (fresh) dir_.sync();
  last_ = std::move(line);
  causes_.push_back(cause_of(*last_));
  highest_job_ = std::max(highest_job_, last_->cause_job.value_or(0));
  return last_->seq;
}

void History::rotate(Instant now) {
  if (!last_ || year_of(last_->at) >= year_of(now)) return;
  const std::string name = history_file_name(subject_);
  const std::string old = subject_ + "." + year_of(last_->at) + ".jsonl";
  if (dir_.exists(old)) return;  // the clock was set back: keep one file
  // The new file must have the state before the old one loses its name: it is
  // written aside and takes the name while the old one gets a second name.
  AtomicFile next(dir_, name, kReadableByWeb);
  next.write(history_head(subject_) + json::serialize(to_json(*last_)) + "\n");
  if (::linkat(dir_.fd(), name.c_str(), dir_.fd(), old.c_str(), 0) != 0) {
    throw_errno("link", dir_.path_of(old));
  }
  dir_.sync();
  next.commit(AtomicFile::Sync::durable);
}

// The web side's reader: the last lines of a history, read from its end.

namespace {

// The number at the start of a raw line; we write it as the first member.
std::optional<std::int64_t> seq_of(std::string_view line) {
  constexpr std::string_view kFront = "{\"seq\":";
  if (!line.starts_with(kFront)) return std::nullopt;
  line.remove_prefix(kFront.size());
  const auto value = take_number(line);
  // At the end of what was read it may be incomplete.
  return line.empty() ? std::nullopt : value;
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
