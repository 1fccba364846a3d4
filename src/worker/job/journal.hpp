// SPDX-License-Identifier: GPL-2.0-or-later
// What a job tells the world, from the worker alone: the durable steps
// (active/N.steps), the log for people (log/N.log, 0640), and progress to
// berthd for show. Every text passes the link's mask and one_line() here, in
// this order, so no secret and no control character gets past, whoever wrote
// it.
//
// A line of the log is "RFC 3339 with ms, space, step, space, text".
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
  // begin, work, end with the message that work returns. What is thrown passes
  // through; the step stays open for close_open().
  template <class Work>
  void during(const std::string& step, Work work) {
    begin(step);
    end(step, "done", work());
  }
  // Ends what is still open: `failed` as failed, all others as skipped; with
  // `failed` empty all as skipped, for this reason.
  void close_open(const std::string& failed, const std::string& message);
  void finish(const JobResult& result);

  // Of the step that was begun last.
  void log(std::string_view text) override { log_for(current_, text); }
  void progress(const Progress& progress) override {
    progress_for(current_, progress);
  }
  void log_for(const std::string& step, std::string_view text);
  void progress_for(const std::string& step, const Progress& progress);
  // What recovery must know in the middle of a step. It outlives the process,
  // not the machine.
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
