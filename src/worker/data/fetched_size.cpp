// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/fetched_size.hpp"

#include <sys/statvfs.h>

#include <filesystem>

#include "base/clock.hpp"
#include "worker/data/fetch.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kBetweenLooks = 500;  // ms

constexpr const char* kRemoved =
    "; the fetched files were removed; refresh again when nobody writes to the "
    "dump";

}  // namespace

std::int64_t sum_of(std::int64_t have, std::int64_t more) {
  if (more <= 0) return have;
  std::int64_t out = 0;
  return __builtin_add_overflow(have, more, &out)
             ? std::numeric_limits<std::int64_t>::max()
             : out;
}

FileSum file_sum(const std::string& path, std::int64_t most) {
  namespace fs = std::filesystem;
  FileSum out;
  std::error_code error;
  // A file that is removed in the meantime counts as empty.
  const auto add = [&](const fs::directory_entry& entry) {
    std::error_code ignored;
    ++out.entries;
    if (entry.is_symlink(ignored) || !entry.is_regular_file(ignored)) return;
    const auto size = static_cast<std::int64_t>(entry.file_size(ignored));
    if (!ignored) out.bytes = sum_of(out.bytes, size);
  };
  const fs::directory_entry top(path, error);
  if (error || !top.exists(error)) return out;
  add(top);
  if (!top.is_directory(error)) return out;
  fs::recursive_directory_iterator at(path, error);
  for (; !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    add(*at);
    if (out.entries > most) break;
  }
  return out;
}

std::int64_t free_bytes(const std::string& path) {
  struct statvfs disk {};
  if (::statvfs(path.c_str(), &disk) != 0) {
    throw_errno("check the disk of", path);
  }
  return static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
}

FetchedSize::FetchedSize(std::string dump, std::string folder, FileSum listed,
                         std::int64_t floor)
    : dump_(std::move(dump)),
      folder_(std::move(folder)),
      listed_(listed),
      floor_(floor) {
  ++listed_.entries;  // the folder itself
  most_ = file_sum(folder_);
  most_.bytes = sum_of(most_.bytes, listed_.bytes);
  most_.entries = sum_of(most_.entries, listed_.entries);
}

void FetchedSize::look() {
  const std::int64_t now = monotonic_ms();
  if (now < next_ms_) return;
  look_at(most_);
  next_ms_ = monotonic_ms() + kBetweenLooks;
  const std::int64_t left = free_bytes(folder_);
  if (left < floor_) {
    throw Overfull("fetch", dump_,
                   "stopped: " + size_text(left) + " are free in " + folder_ +
                       " and " + size_text(floor_) +
                       " must remain free (console's disk_floor); the fetched "
                       "files were removed");
  }
}

void FetchedSize::look_at_all() const { look_at(listed_); }

void FetchedSize::look_at(const FileSum& most) const {
  const FileSum now = file_sum(folder_, most.entries);
  if (now.bytes <= most.bytes && now.entries <= most.entries) return;
  throw Overfull(
      "fetch", dump_,
      "stopped: the host listed " + size_text(listed_.bytes) + " in " +
          std::to_string(listed_.entries - 1) +
          " files and folders, but sent more: " + size_text(now.bytes) +
          " in " + std::to_string(now.entries - 1) + " are in " + folder_ +
          kRemoved);
}

}  // namespace berth::worker
