// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that a job reports, written by the worker alone: the durable steps
// (active/N.steps), the log for people (log/N.log, mode 0640), and the progress
// sent to berthd. Every text is masked and passed through one_line() here, in
// this order, so neither a secret nor a control character gets through,
// whatever its origin.
//
// A line of the log is "RFC 3339 with ms, space, step, space, text".
//
// Use:
//   journal.begin("copy");
//   journal.end("copy", "done", "copied 3 GiB");  // or during("copy", work)
//   journal.finish(result);                       // the last record
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/dir.hpp"
#include "step/report.hpp"
#include "store/steps.hpp"

namespace berth::worker {

class Journal : public Report {
 public:
  Journal(const Dir& active, const std::string& log_folder, std::int64_t job,
          Link& link);

  void begin(const std::string& step);
  void end(const std::string& step, const std::string& state,
           const std::string& message, json::value note = nullptr);
  void skip(const std::string& step, const std::string& why);
  // Begins the step, runs `work` and ends the step with the message that it
  // returns. An exception leaves the step open for close_open().
  template <class Work>
  void during(const std::string& step, Work work) {
    begin(step);
    end(step, "done", work());
  }
  // Ends all open steps: `failed` as failed, the others as skipped. If `failed`
  // is empty, all are skipped, with this message.
  void close_open(const std::string& failed, const std::string& message);
  void finish(const JobResult& result);

  // These belong to the step that was begun last.
  void log(std::string_view text) override { log_for(current_, text); }
  void progress(const Progress& progress) override {
    progress_for(current_, progress);
  }
  void log_for(const std::string& step, std::string_view text);
  void progress_for(const std::string& step, const Progress& progress);
  // Records a note that recovery needs before the step ends. It survives a
  // crash of the process, but is not synced and may be lost in a crash of the
  // machine.
  void note_for(const std::string& step, json::value note);
  const std::string& current() const { return current_; }

 private:
  std::string clean(std::string_view text) const;
  void write(const std::string& step, const std::string& cleaned);
  StepsWriter steps_;
  Fd log_;
  std::string log_path_;
  std::size_t logged_ = 0;  // bytes
  Link& link_;
  std::string current_ = "job";
  std::map<std::string, std::int64_t> open_;     // step, begun at
  std::map<std::string, std::int64_t> written_;  // step, last progress record
};

}  // namespace berth::worker
