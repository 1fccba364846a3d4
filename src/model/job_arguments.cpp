// SPDX-License-Identifier: GPL-2.0-or-later
// What the arguments of each kind of job must be, and the steps of one job.
#include <cmath>

#include "base/name.hpp"
#include "base/text.hpp"
#include "model/job.hpp"

namespace berth {
namespace {

constexpr std::size_t kLongestRevision = 64;  // bytes
// Some hours, like those of a hold; a year is as good as for ever.
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
          "is not an application's name");
  require(!a.checkout || !a.path.empty(), "path",
          "is missing: give the one to check out, or a database and no "
          "checkout, and the code that is there stays");
  if (!a.path.empty()) refuse(refuse_path("svn", a.path), "path");
  require(a.revision.size() <= kLongestRevision && is_valid_utf8(a.revision) &&
              !has_control_characters(a.revision) &&
              turning_character(a.revision).empty(),
          "revision", "is longer than 64 bytes, or no plain text");
  refuse(refuse_database(a.database), "database");
  refuse(refuse_note(a.note), "note");
  if (!a.revert.empty()) refuse(refuse_snapshot(a.revert), "revert");
  require(is_one_of(a.release, {"on_success", "always", "never"}), "release",
          "is not 'on_success', 'always' or 'never'");
  if (!a.checkout && a.database == "none") {
    throw JsonError("nothing to do: neither a checkout nor a database",
                    "checkout");
  }
}

void check(const PublishArguments& a) {
  require(is_database_name(a.database), "database", "is not a database's name");
}

void check(const RefreshArguments&) {}

void check(const SpareArguments& a) {
  require(!is_one_of(a.generation, {"none", "newest"}) &&
              !refuse_database(a.generation),
          "generation", "is not yyyymmddhhmmss");
}

void check(const UndoArguments& a) {
  require(a.job >= 0, "job", "is no job's number");
}

void check(const KeepArguments& a) {
  require(std::isfinite(a.hours) && a.hours > 0 && a.hours <= kMostHours,
          "hours", "must be more than 0 and at most 8784");
}

void check(const AdoptArguments& a) {
  require(is_application_name(a.application), "application",
          "is not an application's name");
  require(!a.oid || (*a.oid >= 16384 && *a.oid <= 4294967295), "oid",
          "is no database's");
}

void check(const DropArguments& a) {
  require(is_config_name(a.cluster), "cluster", "is not a cluster's name");
  require(is_database_name(a.database), "database", "is not a database's name");
}

void check(const PowerArguments& a) {
  require(is_one_of(a.action, {"start", "shutdown", "reboot", "reset"}),
          "action", "is not 'start', 'shutdown', 'reboot' or 'reset'");
  require(!a.force || a.action == "shutdown", "force",
          "is for a shutdown; a 'reset' asks nobody anyway");
  require(a.beside >= 0, "beside", "is no job's number");
}

void check(const SnapshotArguments& a) {
  require(is_one_of(a.action, {"take", "revert", "delete"}), "action",
          "is not 'take', 'revert' or 'delete'");
  refuse(refuse_snapshot(a.name), "name");
  refuse(refuse_note(a.note), "note");
  require(a.note.empty() || a.action == "take", "note",
          "is for a snapshot that is taken");
  require(a.seq >= 0, "seq", "is no line's number");
}

void check(const ProvisionArguments& a) {
  require(is_config_name(a.host), "host", "is not a host's name");
  require(is_config_name(a.image), "image", "is not an image's name");
}

void check(const RetireArguments& a) {
  const bool digits =
      a.uuid.find_first_not_of("0123456789abcdef-") == std::string::npos;
  require(a.uuid.empty() || (a.uuid.size() == 36 && digits), "uuid",
          "is no domain's");
}

void check(const CheckArguments& a) {
  require(a.build >= 1, "build", "is no job's number");
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
