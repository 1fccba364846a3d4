// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/history.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
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

}  // namespace berth
