// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/queue.hpp"

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "store/layout.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestJob = 256 * 1024;

Job read_job(const std::string& name, const std::string& text) {
  Job job = job_from_json(parse_json(text));
  if (job_file_name(job.id) != name) {
    throw JsonError("job file: its number differs from its name", "id");
  }
  return job;
}

std::vector<Job> read_jobs(const Dir& dir, std::vector<BadJob>* bad) {
  std::vector<Job> jobs;
  for (const auto& name : dir.names()) {
    if (name.starts_with('.') || !name.ends_with(".json")) continue;
    try {
      const auto text = dir.read(name, kLargestJob);
      if (text) jobs.push_back(read_job(name, *text));
    } catch (const NewerFormat& e) {
      throw Error("read job", dir.path_of(name), e.what());
    } catch (const std::runtime_error& e) {
      if (!bad) continue;
      bad->push_back({number_in(name, "", ".json").value_or(0),
                      dir.path_of(printable(name)) + ": " +
                          printable(e.what(), 300)});
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

std::vector<Job> Queue::waiting(std::vector<BadJob>* bad) const {
  return read_jobs(queue_, bad);
}
std::vector<Job> Queue::active(std::vector<BadJob>* bad) const {
  return read_jobs(active_, bad);
}

void Queue::add(const Job& job) {
  const std::string name = job_file_name(job.id);
  if (active_.exists(name) || queue_.exists(name)) {
    // After a crash the existing file may not be durable yet.
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
    throw Error("update job", dir.path_of(name), "no such job");
  }
  write_durably(dir, name, content(job), kReadableByWeb);
}

void Queue::activate(const Job& job) {
  const std::string name = job_file_name(job.id);
  // An earlier call may have got as far as the rename.
  if (queue_.exists(name) || !active_.exists(name)) {
    queue_.rename(name, active_, name);
  }
  // The new name first: a crash in between may leave both, never none.
  active_.sync();
  queue_.sync();
}

void Queue::requeue(const Job& job) {
  const std::string name = job_file_name(job.id);
  // The steps first: without them the job in active/ has never started, and
  // recovery requeues such a job as well.
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
  // The job first: steps without a job are rubbish, but a job without its steps
  // would run again.
  const bool ran = active_.unlink(name);
  if (ran) active_.sync();
  active_.unlink(steps_file_name(id));
  return waited || ran;
}

}  // namespace berth
