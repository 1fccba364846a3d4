// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kProgressRecordEvery = 1000;  // ms, per step
constexpr mode_t kLogMode = 0640;
constexpr std::size_t kLargestJobLog = 8 << 20;
constexpr std::size_t kLongestJobLine = 4000;  // bytes

}  // namespace

Journal::Journal(const Dir& active, const std::string& log_folder,
                 std::int64_t job, Link& link)
    : steps_(active, job), link_(link) {
  const Dir folder(log_folder);
  const std::string name = std::to_string(job) + ".log";
  log_path_ = folder.path_of(name);
  log_ = folder.open(name, O_WRONLY | O_APPEND | O_CREAT, kLogMode);
  if (!log_) throw_errno("open", log_path_);
  ::fchmod(log_.get(), kLogMode);
  struct stat st {};
  if (::fstat(log_.get(), &st) == 0) {
    logged_ = static_cast<std::size_t>(st.st_size);
  }
}

std::string Journal::clean(std::string_view text) const {
  return link_.mask().line(text, kLongestJobLine);
}

void Journal::log_for(const std::string& step, std::string_view text) {
  if (logged_ <= kLargestJobLog) write(step, clean(text));
}

void Journal::write(const std::string& step, const std::string& cleaned) {
  if (logged_ > kLargestJobLog) return;
  std::string line =
      rfc3339_ms(wall_now_ms()) + " " + step + " " + cleaned + "\n";
  logged_ += line.size();
  if (logged_ > kLargestJobLog) {
    line += rfc3339_ms(wall_now_ms()) + " " + step +
            " the log is full; further lines are dropped\n";
  }
  write_all(log_.get(), line, log_path_);
}

void Journal::begin(const std::string& step) {
  current_ = step;
  StepRecord record;
  record.step = step;
  record.event = "start";
  steps_.append(record);
  open_[step] = monotonic_ms();
}

void Journal::end(const std::string& step, const std::string& state,
                  const std::string& message, json::value note) {
  StepRecord record;
  record.step = step;
  record.event = "end";
  record.state = state;
  record.message = clean(message);
  record.note = std::move(note);
  const auto begun = open_.find(step);
  if (begun != open_.end()) {
    record.ms = monotonic_ms() - begun->second;
    open_.erase(begun);
  }
  steps_.append(record);
  write(step, state + (message.empty() ? "" : ": " + record.message) +
                  (record.ms ? " (" + std::to_string(*record.ms) + " ms)"
                             : ""));
}

void Journal::skip(const std::string& step, const std::string& why) {
  end(step, "skipped", why);
}

void Journal::close_open(const std::string& failed,
                         const std::string& message) {
  const std::map<std::string, std::int64_t> open = open_;
  for (const auto& [step, since] : open) {
    if (failed.empty()) {
      end(step, "skipped", message);
    } else if (step != failed) {
      end(step, "skipped", "stopped: " + failed + " failed");
    }
  }
  if (open.count(failed) > 0) end(failed, "failed", message);
}

void Journal::progress_for(const std::string& step,
                           const Progress& progress) {
  const std::int64_t now = monotonic_ms();
  const auto last = written_.find(step);
  const bool recorded =
      last == written_.end() || now - last->second >= kProgressRecordEvery;
  if (!recorded && (link_.by_hand() || !link_.progress_is_due())) return;
  Progress shown = progress;
  shown.unit = link_.mask().line(progress.unit, kLongestUnit);
  shown.message = link_.mask().line(progress.message, kLongestProgress);
  link_.progress(to_json(step, shown));
  if (!recorded) return;
  written_[step] = now;
  StepRecord record;
  record.step = step;
  record.event = "progress";
  record.done = shown.done;
  record.total = shown.total;
  record.unit = shown.unit;
  record.message = shown.message;
  steps_.append(record);
}

void Journal::note_for(const std::string& step, json::value note) {
  StepRecord record;
  record.step = step;
  record.event = "progress";
  record.note = std::move(note);
  steps_.append(record);
}

void Journal::finish(const JobResult& result) {
  StepRecord record;
  record.step = "job";
  record.event = "end";
  record.result = result;
  record.result->detail = clean(result.detail);
  record.message = record.result->detail;
  write("job", std::string(to_text(result.outcome)) + ": " +
                   record.result->detail);
  steps_.append(record);
}

}  // namespace berth::worker
