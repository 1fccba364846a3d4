// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/job.hpp"

#include <algorithm>
#include <cmath>

#include "base/name.hpp"
#include "base/text.hpp"
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

// What the arguments of each kind of job must be, and the steps of one job.

namespace {

constexpr std::size_t kLongestRevision = 64;  // bytes
// Hours as for a hold; a year is as good as unlimited.
constexpr double kMostHours = 24 * 366;

void require(bool fits, const char* member, const char* why) {
  if (!fits) throw JsonError(std::string(member) + ": " + why, member);
}

void refuse(const Refusal& why, const char* member) {
  if (why) throw JsonError(*why, member);
}

bool is_one_of(std::string_view text,
               std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

void check(const BuildArguments& a) {
  require(is_application_name(a.application), "application",
          "must be an application name");
  require(!a.checkout || !a.path.empty(), "path",
          "is missing; give the path to check out, or a database without a "
          "checkout to keep the current code");
  if (!a.path.empty()) refuse(refuse_path("svn", a.path), "path");
  require(a.revision.size() <= kLongestRevision && is_valid_utf8(a.revision) &&
              !has_control_characters(a.revision) &&
              turning_character(a.revision).empty(),
          "revision", "must be plain text of at most 64 bytes");
  refuse(refuse_database(a.database), "database");
  refuse(refuse_note(a.note), "note");
  if (!a.revert.empty()) refuse(refuse_snapshot(a.revert), "revert");
  require(is_one_of(a.release, {"on_success", "always", "never"}), "release",
          "must be 'on_success', 'always' or 'never'");
  if (!a.checkout && a.database == "none") {
    throw JsonError("nothing to do: neither a checkout nor a database",
                    "checkout");
  }
}

void check(const PublishArguments& a) {
  require(is_database_name(a.database), "database", "must be a database name");
}

void check(const RefreshArguments&) {}

void check(const SpareArguments& a) {
  require(!is_one_of(a.generation, {"none", "newest"}) &&
              !refuse_database(a.generation),
          "generation", "must be yyyymmddhhmmss");
}

void check(const UndoArguments& a) {
  require(a.job >= 0, "job", "must be a job number");
}

void check(const KeepArguments& a) {
  require(std::isfinite(a.hours) && a.hours > 0 && a.hours <= kMostHours,
          "hours", "must be more than 0 and at most 8784");
}

void check(const AdoptArguments& a) {
  require(is_application_name(a.application), "application",
          "must be an application name");
  require(!a.oid || (*a.oid >= 16384 && *a.oid <= 4294967295), "oid",
          "must be a database OID (16384 to 4294967295)");
}

void check(const DropArguments& a) {
  require(is_config_name(a.cluster), "cluster", "must be a cluster name");
  require(is_database_name(a.database), "database", "must be a database name");
}

void check(const PowerArguments& a) {
  require(is_one_of(a.action, {"start", "shutdown", "reboot", "reset"}),
          "action", "must be 'start', 'shutdown', 'reboot' or 'reset'");
  require(!a.force || a.action == "shutdown", "force",
          "only for 'shutdown'; 'reset' is always forced");
  require(a.beside >= 0, "beside", "must be a job number");
}

void check(const SnapshotArguments& a) {
  require(is_one_of(a.action, {"take", "revert", "delete"}), "action",
          "must be 'take', 'revert' or 'delete'");
  refuse(refuse_snapshot(a.name), "name");
  refuse(refuse_note(a.note), "note");
  require(a.note.empty() || a.action == "take", "note",
          "only for 'take'");
  require(a.seq >= 0, "seq", "must be a line number");
}

void check(const ProvisionArguments& a) {
  require(is_config_name(a.host), "host", "must be a host name");
  require(is_config_name(a.image), "image", "must be an image name");
}

void check(const RetireArguments& a) {
  const bool digits =
      a.uuid.find_first_not_of("0123456789abcdef-") == std::string::npos;
  require(a.uuid.empty() || (a.uuid.size() == 36 && digits), "uuid",
          "must be the UUID of a domain");
}

void check(const CheckArguments& a) {
  require(a.build >= 1, "build", "must be a job number");
}

}  // namespace

template <class Arguments>
Arguments arguments_from(const json::value& value) {
  Arguments a = from_json<Arguments>(value, "arguments");
  check(a);
  return a;
}

template <>
BuildArguments arguments_from(const json::value& value) {
  BuildArguments a = from_json<BuildArguments>(value, "arguments");
  const json::value* checkout = if_contains(value, "checkout");
  if (!checkout || checkout->is_null()) {
    a.checkout = !a.path.empty() || !a.revision.empty() || a.database == "none";
  }
  check(a);
  return a;
}

template <>
KeepArguments arguments_from(const json::value& value) {
  ObjectReader in(value, "arguments");
  const auto hours = in.optional_number("hours");
  in.finish();
  require(hours.has_value(), "hours", "is missing");
  const KeepArguments a{*hours};
  check(a);
  return a;
}

template PublishArguments arguments_from(const json::value&);
template RefreshArguments arguments_from(const json::value&);
template SpareArguments arguments_from(const json::value&);
template UndoArguments arguments_from(const json::value&);
template AdoptArguments arguments_from(const json::value&);
template DropArguments arguments_from(const json::value&);
template PowerArguments arguments_from(const json::value&);
template SnapshotArguments arguments_from(const json::value&);
template ProvisionArguments arguments_from(const json::value&);
template RetireArguments arguments_from(const json::value&);
template CheckArguments arguments_from(const json::value&);

json::object to_json(const SnapshotArguments& a) {
  json::object out = {{"action", a.action}, {"name", a.name}};
  if (a.action == "take") {
    out["note"] = a.note;
    out["seq"] = a.seq;
  }
  return out;
}

std::vector<std::string> steps_of(const Job& job) {
  std::vector<std::string> out = steps_of(job.kind);
  if (job.kind == JobKind::build && !job.text("revert").empty()) {
    out.insert(out.begin(), "revert");
  }
  return out;
}

}  // namespace berth
