// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/job.hpp"

#include <algorithm>

#include "model/number.hpp"

namespace berth {
namespace {

constexpr std::int64_t kMostAttempts = 1'000'000;  // more than ever occur

}  // namespace

std::string Job::text(const char* argument) const {
  return string_or(arguments, argument, "");
}

bool Job::flag(const char* argument) const {
  return bool_or(arguments, argument, false);
}

std::string Job::kind_text() const {
  return kind == JobKind::unknown ? unknown_kind : row_of(kind).name;
}

json::object to_json(const Job& job) {
  json::object out = {
      {"version", 1}, {"id", job.id}, {"kind", job.kind_text()}};
  write_members(out, job);
  out["attempt"] = job.attempt;
  out["cancel"] = or_null(job.cancel);
  out["started"] = or_null(job.started);
  if (job.any_server) out["any_server_but"] = json::value_from(job.tried);
  return out;
}

Job job_from_json(const json::value& value) {
  ObjectReader in(value, "job file");
  in.version(1);
  Job job;
  job.id = read_number(in, "id");
  const std::string kind = in.string("kind");
  job.kind = job_kind_from_text(kind);
  if (job.kind == JobKind::unknown) job.unknown_kind = kind;
  read_members(in, job);
  job.attempt = static_cast<int>(
      std::min<std::int64_t>(read_number(in, "attempt"), kMostAttempts));
  read_member(in, "cancel", job.cancel);
  read_member(in, "started", job.started);
  if (in.optional_value("any_server_but")) {
    job.any_server = true;
    job.tried = in.strings("any_server_but");
  }
  in.finish();
  return job;
}

json::object to_json(const JobResult& r) {
  json::object out = {{"outcome", to_text(r.outcome)}};
  write_members(out, r);
  return out;
}

JobResult job_result_from_json(const json::value& value) {
  ObjectReader in(value, "result");
  JobResult r;
  // An outcome that this version does not know is not a success.
  r.outcome =
      outcome_from_text(in.string("outcome")).value_or(Outcome::failed);
  read_members(in, r);
  in.finish();
  return r;
}

}  // namespace berth
