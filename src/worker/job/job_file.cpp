// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/job_file.hpp"

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "store/queue.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kLargestJob = 256 * 1024;

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::int64_t number_in(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string name =
      slash == std::string::npos ? path : path.substr(slash + 1);
  std::string_view digits = name;
  const std::int64_t id = take_number(digits).value_or(0);
  if (id <= 0 || name != job_file_name(id)) {
    throw Error("read", path, "the file of a job must be named N.json");
  }
  return id;
}

Job read_job(const Dir& folder, std::int64_t id) {
  const auto text = folder.read(job_file_name(id), kLargestJob);
  if (!text) {
    throw Error("read", folder.path_of(job_file_name(id)),
                "the file does not exist");
  }
  Job job = job_from_json(parse_json(*text));
  if (job.id != id) {
    throw Error("read", folder.path_of(job_file_name(id)),
                "it contains " + job_text(job.id));
  }
  return job;
}

}  // namespace

JobFile::JobFile(const std::string& file)
    : path(file),
      folder(folder_of(file)),
      id(number_in(file)),
      job(read_job(folder, id)) {}

}  // namespace berth::worker
