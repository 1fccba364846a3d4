// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/queue.hpp"

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "store/layout.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestJob = 256 * 1024;

std::vector<Job> read_jobs(const Dir& dir) {
  std::vector<Job> jobs;
  for (const auto& name : dir.names()) {
    if (name.starts_with('.') || !name.ends_with(".json")) continue;
    const auto text = dir.read(name, kLargestJob);
    if (!text) continue;
    try {
      jobs.push_back(job_from_json(parse_json(*text)));
    } catch (const JsonError& e) {
      throw Error("read job", dir.path_of(name), e.what());
    }
    if (job_file_name(jobs.back().id) != name) {
      throw Error("read job", dir.path_of(name), "holds another number");
    }
  }
  std::sort(jobs.begin(), jobs.end(),
            [](const Job& a, const Job& b) { return a.id < b.id; });
  return jobs;
}

std::string content(const Job& job) {
  return json::serialize(to_json(job)) + "\n";
}

}  // namespace

std::string job_file_name(std::int64_t id) {
  return std::to_string(id) + ".json";
}

std::string steps_file_name(std::int64_t id) {
  return std::to_string(id) + ".steps";
}

Queue::Queue(const std::string& queue_dir, const std::string& active_dir)
    : queue_(queue_dir), active_(active_dir) {}

std::vector<Job> Queue::waiting() const { return read_jobs(queue_); }
std::vector<Job> Queue::active() const { return read_jobs(active_); }

void Queue::add(const Job& job) {
  const std::string name = job_file_name(job.id);
  if (active_.exists(name) || queue_.exists(name)) {
    // What is there may not be durable yet when we come from a crash.
    queue_.sync();
    active_.sync();
    return;
  }
  write_durably(queue_, name, content(job), kReadableByWeb);
}

void Queue::update(const Job& job) {
  const std::string name = job_file_name(job.id);
  const Dir& dir = active_.exists(name) ? active_ : queue_;
  if (!dir.exists(name)) {
    throw Error("update job", dir.path_of(name), "it is not there");
  }
  write_durably(dir, name, content(job), kReadableByWeb);
}

void Queue::activate(const Job& job) {
  const std::string name = job_file_name(job.id);
  // An earlier call may have come as far as the rename.
  if (queue_.exists(name) || !active_.exists(name)) {
    queue_.rename(name, active_, name);
  }
  // New name first: a crash in between may leave both, never none.
  active_.sync();
  queue_.sync();
}

void Queue::requeue(const Job& job) {
  const std::string name = job_file_name(job.id);
  // Steps go first: without them the job in active/ is one that never
  // started, which recovery puts back as well.
  if (active_.unlink(steps_file_name(job.id))) active_.sync();
  write_durably(active_, name, content(job), kReadableByWeb);
  active_.rename(name, queue_, name);
  queue_.sync();
  active_.sync();
}

bool Queue::remove(std::int64_t id) {
  const std::string name = job_file_name(id);
  const bool waited = queue_.unlink(name);
  if (waited) queue_.sync();
  // The job first: steps without a job are litter, a job without its steps
  // would run again.
  const bool ran = active_.unlink(name);
  if (ran) active_.sync();
  active_.unlink(steps_file_name(id));
  return waited || ran;
}

}  // namespace berth
