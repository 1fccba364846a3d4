// SPDX-License-Identifier: GPL-2.0-or-later
// queue/N.json and active/N.json: the jobs that have not ended. The directory
// is the index; there is no other list. Only berthd writes here, and every
// change is a rename, so a reader sees a complete job or none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/dir.hpp"
#include "model/job.hpp"

namespace berth {

// A file that is not a valid job.
struct BadJob {
  std::int64_t number = 0;  // by the file's name; 0: not a number
  std::string text;         // "PATH: the reason"
};

class Queue {
 public:
  Queue(const std::string& queue_dir, const std::string& active_dir);

  // Both sorted by number. A newer format throws Error. Any other unreadable
  // file is left where it is, hides no other, and is added to `bad`.
  std::vector<Job> waiting(std::vector<BadJob>* bad = nullptr) const;
  std::vector<Job> active(std::vector<BadJob>* bad = nullptr) const;

  // Durable. Idempotent: repeating it changes nothing, and an active job is not
  // queued again.
  void add(const Job& job);
  // Durable. Rewrites the job's file in its folder.
  void update(const Job& job);
  // queue/N -> active/N, durable.
  void activate(const Job& job);
  // active/N -> queue/N with the job's new content, durable; its steps are
  // removed.
  void requeue(const Job& job);
  // Removes the job and its steps, durable. False if it does not exist.
  bool remove(std::int64_t id);

  const Dir& active_dir() const { return active_; }

 private:
  Dir queue_;
  Dir active_;
};

std::string job_file_name(std::int64_t id);    // "12.json"
std::string steps_file_name(std::int64_t id);  // "12.steps"

}  // namespace berth
