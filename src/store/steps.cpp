// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/steps.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "model/number.hpp"
#include "store/layout.hpp"
#include "store/queue.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestSteps = 16 << 20;
// Beyond this, only records that recovery needs are written, and no progress:
// so the file stays readable whatever a guest prints for however long.
constexpr std::size_t kMostProgress = 4 << 20;

struct Parsed {
  std::vector<StepRecord> records;
  std::size_t good = 0;  // bytes up to the last newline
};

Parsed parse(const std::string& text, const std::string& path) {
  Parsed out;
  std::size_t from = 0;
  bool head = true;
  for (;;) {
    const std::size_t end = text.find('\n', from);
    // an incomplete last line is ignored
    if (end == std::string::npos) return out;
    const std::string_view line(text.data() + from, end - from);
    try {
      const json::value value = parse_json(line);
      if (head) {
        ObjectReader in(value, "steps");
        const std::int64_t version = in.integer("version");
        if (version > 1) throw NewerFormat("", version, 1);
        if (version < 1) throw JsonError("no format", "version");
      } else {
        out.records.push_back(step_record_from_json(value));
      }
    } catch (const JsonError& e) {
      throw Error("read steps", path, e.what());
    }
    head = false;
    from = end + 1;
    out.good = from;
  }
}

}  // namespace

json::object to_json(const StepRecord& r) {
  json::object out = {{"seq", r.seq}};
  write_members(out, r);
  if (r.result) out["result"] = to_json(*r.result);
  return out;
}

StepRecord step_record_from_json(const json::value& value) {
  ObjectReader in(value, "step record");
  StepRecord r;
  r.seq = read_number(in, "seq");
  read_members(in, r);
  if (const json::value* result = in.optional_value("result")) {
    r.result = job_result_from_json(*result);
  }
  in.finish();
  return r;
}

StepsWriter::StepsWriter(const Dir& active, std::int64_t job)
    : path_(active.path_of(steps_file_name(job))) {
  const std::string name = steps_file_name(job);
  const std::string text = active.read(name, kLargestSteps).value_or("");
  const Parsed parsed = parse(text, path_);
  fd_ = active.open(name, O_WRONLY | O_CREAT | O_APPEND, kReadableByWeb);
  if (!fd_) throw_errno("open", path_);
  if (::fchmod(fd_.get(), kReadableByWeb) != 0) throw_errno("chmod", path_);
  if (parsed.good < text.size() &&
      ::ftruncate(fd_.get(), static_cast<off_t>(parsed.good)) != 0) {
    throw_errno("cut", path_);
  }
  if (!parsed.records.empty()) next_ = parsed.records.back().seq + 1;
  size_ = parsed.good;
  if (parsed.good == 0) {
    const json::value head = {{"version", 1}, {"job", job}};
    write_all(fd_.get(), json::serialize(head) + "\n", path_);
    sync_fd(fd_.get(), path_);
    active.sync();
  }
}

void StepsWriter::append(StepRecord record) {
  const bool is_progress = record.event == "progress" && record.note.is_null();
  if (is_progress && size_ > kMostProgress) return;
  record.seq = next_++;
  record.at = rfc3339_ms(wall_now_ms());
  const std::string line = json::serialize(to_json(record)) + "\n";
  write_all(fd_.get(), line, path_);
  size_ += line.size();
  if (record.event != "progress") sync_fd(fd_.get(), path_);
}

std::vector<StepRecord> read_steps(const Dir& active, std::int64_t job) {
  const std::string name = steps_file_name(job);
  const auto text = active.read(name, kLargestSteps);
  if (!text) return {};
  return parse(*text, active.path_of(name)).records;
}

}  // namespace berth
