// SPDX-License-Identifier: GPL-2.0-or-later
// queue/N.json and active/N.json: the jobs that are not done. The directory is
// the index: there is no other list. berthd alone writes here; every change is
// a rename, so a reader sees a whole job or none.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/dir.hpp"
#include "model/job.hpp"

namespace berth {

class Queue {
 public:
  Queue(const std::string& queue_dir, const std::string& active_dir);

  // Both sorted by number. A file that cannot be read as a job throws: it was
  // written by us, so it is a newer format or a broken disk.
  std::vector<Job> waiting() const;
  std::vector<Job> active() const;

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
