// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/job.hpp"

#include <algorithm>

#include "base/name.hpp"
#include "base/text.hpp"
#include "model/instant.hpp"
#include "model/number.hpp"
#include "model/texts.hpp"

namespace berth {
namespace {

constexpr std::size_t kLongestRevision = 64;  // bytes
constexpr std::int64_t kMostAttempts = 1'000'000;  // nobody sees so many

void refuse(const Refusal& why, const char* member) {
  if (why) throw JsonError(*why, member);
}

void check_version(ObjectReader& in) {
  const std::int64_t version = in.integer("version");
  if (version > 1) throw NewerFormat("job file: ", version, 1);
  if (version < 1) throw JsonError("job file: no format", "version");
}

}  // namespace

json::value to_json(const BuildArguments& a) {
  json::object out = {{"application", a.application}, {"path", a.path},
                      {"revision", a.revision},       {"database", a.database},
                      {"checkout", a.checkout},       {"note", a.note},
                      {"release", a.release}};
  if (!a.revert.empty()) out["revert"] = a.revert;
  return out;
}

BuildArguments build_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  BuildArguments a;
  a.application = in.string("application");
  a.path = in.optional_string("path").value_or("");
  a.revision = in.optional_string("revision").value_or("");
  a.database = in.optional_string("database").value_or("none");
  const bool data_alone =
      a.path.empty() && a.revision.empty() && a.database != "none";
  a.checkout = in.optional_boolean("checkout").value_or(!data_alone);
  a.note = in.optional_string("note").value_or("");
  a.release = in.optional_string("release").value_or("never");
  a.revert = in.optional_string("revert").value_or("");
  in.finish();
  if (!is_application_name(a.application)) {
    throw JsonError("application: is not an application's name",
                    "application");
  }
  if (a.checkout && a.path.empty()) {
    throw JsonError("path: is missing: give the one to check out, or a "
                    "database and no checkout, and the code that is there "
                    "stays",
                    "path");
  }
  if (!a.path.empty()) refuse(refuse_path("svn", a.path), "path");
  if (a.revision.size() > kLongestRevision || !is_valid_utf8(a.revision) ||
      has_control_characters(a.revision) ||
      !turning_character(a.revision).empty()) {
    throw JsonError("revision: is longer than 64 bytes, or no plain text",
                    "revision");
  }
  refuse(refuse_database(a.database), "database");
  refuse(refuse_note(a.note), "note");
  if (!a.revert.empty()) refuse(refuse_snapshot(a.revert), "revert");
  if (a.release != "never" && a.release != "always" &&
      a.release != "on_success") {
    throw JsonError("release: is not 'on_success', 'always' or 'never'",
                    "release");
  }
  if (!a.checkout && a.database == "none") {
    throw JsonError("nothing to do: neither a checkout nor a database",
                    "checkout");
  }
  return a;
}

std::string Job::text(const char* argument) const {
  return string_or(arguments, argument, "");
}

bool Job::flag(const char* argument) const {
  return bool_or(arguments, argument, false);
}

std::string Job::kind_text() const {
  return kind == JobKind::unknown ? unknown_kind : row_of(kind).name;
}

json::value to_json(const Job& job) {
  json::value cancel = nullptr;
  if (job.cancel) {
    cancel = {{"user", job.cancel->user}, {"at", rfc3339(job.cancel->at)}};
  }
  json::value started = nullptr;
  if (job.started) {
    started = {{"pid", job.started->pid},
               {"start_time", job.started->start_time},
               {"at", rfc3339(job.started->at)}};
  }
  json::object out = {{"version", 1},
                      {"id", job.id},
                      {"kind", job.kind_text()},
                      {"server", job.server},
                      {"application", job.application},
                      {"user", job.user},
                      {"token", job.token},
                      {"created_at", rfc3339(job.created_at)},
                      {"arguments", job.arguments},
                      {"attempt", job.attempt},
                      {"cancel", cancel},
                      {"started", started}};
  if (job.any_server) out["any_server_but"] = json::value_from(job.tried);
  return out;
}

Job job_from_json(const json::value& value) {
  ObjectReader in(value, "job file");
  check_version(in);
  Job job;
  job.id = read_number(in, "id");
  const std::string kind = in.string("kind");
  job.kind = job_kind_from_text(kind);
  if (job.kind == JobKind::unknown) job.unknown_kind = kind;
  job.server = in.string("server");
  job.application = in.string("application");
  job.user = in.string("user");
  job.token = in.string("token");
  job.created_at = read_instant(in, "created_at");
  const json::value& arguments = in.value("arguments");
  if (!arguments.is_object()) {
    throw JsonError("job file: 'arguments' must be an object", "arguments");
  }
  job.arguments = arguments.get_object();
  job.attempt = static_cast<int>(
      std::min<std::int64_t>(read_number(in, "attempt"), kMostAttempts));
  if (const json::value* cancel = in.optional_value("cancel")) {
    ObjectReader c(*cancel, "cancel");
    job.cancel = CancelRequest{c.string("user"), read_instant(c, "at")};
    c.finish();
  }
  if (const json::value* started = in.optional_value("started")) {
    ObjectReader s(*started, "started");
    job.started = StartedBy{s.integer("pid"), s.integer("start_time"),
                            read_instant(s, "at")};
    s.finish();
  }
  if (const json::value* tried = in.optional_value("any_server_but")) {
    job.any_server = true;
    job.tried = texts_from_json(*tried, "job file", "any_server_but");
  }
  in.finish();
  return job;
}

namespace {

json::value to_json(const std::optional<MadeBase>& base) {
  if (!base) return nullptr;
  return {{"generation", base->generation},
          {"database", base->database},
          {"data_at", instant_or_null(base->data_at)},
          {"size", base->size}};
}

MadeBase made_base_from_json(const json::value& value) {
  ObjectReader in(value, "base");
  MadeBase out;
  out.generation = in.string("generation");
  out.database = in.string("database");
  out.data_at = read_optional_instant(in, "data_at");
  out.size = in.integer("size");
  in.finish();
  return out;
}

}  // namespace

json::value to_json(const Reverted& r) {
  return {{"snapshot", r.snapshot},
          {"configuration", r.configuration},
          {"detail", r.detail}};
}

Reverted reverted_from_json(const json::value& value) {
  ObjectReader in(value, "reverted");
  Reverted r;
  r.snapshot = in.string("snapshot");
  if (const json::value* c = in.optional_value("configuration")) {
    r.configuration = *c;
  }
  r.detail = in.string("detail");
  in.finish();
  return r;
}

json::value to_json(const JobResult& r) {
  json::object out = {{"outcome", to_text(r.outcome)},
                      {"failed_step", text_or_null(r.failed_step)},
                      {"detail", r.detail},
                      {"committed", r.committed},
                      {"revision", text_or_null(r.revision)},
                      {"configuration", r.configuration},
                      {"base", to_json(r.base)}};
  if (r.reverted) out["reverted"] = to_json(*r.reverted);
  if (!r.faulty_server.empty()) out["faulty_server"] = r.faulty_server;
  return out;
}

JobResult job_result_from_json(const json::value& value) {
  ObjectReader in(value, "result");
  JobResult r;
  // What this version does not know is no success.
  r.outcome =
      outcome_from_text(in.string("outcome")).value_or(Outcome::failed);
  r.failed_step = in.optional_string("failed_step").value_or("");
  r.detail = in.string("detail");
  r.committed = in.boolean("committed");
  r.revision = in.optional_string("revision").value_or("");
  if (const json::value* c = in.optional_value("configuration")) {
    r.configuration = *c;
  }
  if (const json::value* base = in.optional_value("base")) {
    r.base = made_base_from_json(*base);
  }
  if (const json::value* v = in.optional_value("reverted")) {
    r.reverted = reverted_from_json(*v);
  }
  r.faulty_server = in.optional_string("faulty_server").value_or("");
  in.finish();
  return r;
}

}  // namespace berth
