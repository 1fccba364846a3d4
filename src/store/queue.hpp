// SPDX-License-Identifier: GPL-2.0-or-later
// queue/N.json and active/N.json: the jobs that are not done. The directory is
// the index: there is no other list. berthd alone writes here; every change is
// a rename, so a reader sees a whole job or none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/dir.hpp"
#include "model/job.hpp"

namespace berth {

// A file that cannot be read as a job.
struct BadJob {
  std::int64_t number = 0;  // by the file's name; 0: it has none
  std::string text;         // "PATH: what is wrong with it"
};

class Queue {
 public:
  Queue(const std::string& queue_dir, const std::string& active_dir);

  // Both sorted by number. A newer format throws Error. Any other file that
  // cannot be read is left where it is, hides no other and goes to `bad`.
  std::vector<Job> waiting(std::vector<BadJob>* bad = nullptr) const;
  std::vector<Job> active(std::vector<BadJob>* bad = nullptr) const;

  // Durable. Idempotent: the same job again changes nothing, and a job that is
  // already active is not put back.
  void add(const Job& job);
  // Durable. Rewrites the job's file where it is.
  void update(const Job& job);
  // queue/N -> active/N, durable.
  void activate(const Job& job);
  // active/N -> queue/N with job's content, durable; its steps are removed.
  void requeue(const Job& job);
  // Removes the job and its steps, durable. False when it was not there.
  bool remove(std::int64_t id);

  const Dir& active_dir() const { return active_; }

 private:
  Dir queue_;
  Dir active_;
};

std::string job_file_name(std::int64_t id);    // "12.json"
std::string steps_file_name(std::int64_t id);  // "12.steps"

}  // namespace berth
