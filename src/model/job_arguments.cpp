// SPDX-License-Identifier: GPL-2.0-or-later
// The arguments of every kind of job but a build, and the steps of one job.
#include <cmath>

#include "base/name.hpp"
#include "model/instant.hpp"
#include "model/job.hpp"

namespace berth {
namespace {

// Some hours, like those of a hold; a year is as good as for ever.
constexpr double kMostHours = 24 * 366;

}  // namespace

json::value to_json(const PublishArguments& a) {
  return {{"database", a.database}, {"data_at", instant_or_null(a.data_at)}};
}

PublishArguments publish_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  PublishArguments a;
  a.database = in.string("database");
  a.data_at = read_optional_instant(in, "data_at");
  in.finish();
  if (!is_database_name(a.database)) {
    throw JsonError("database: is not a database's name", "database");
  }
  return a;
}

json::value to_json(const RefreshArguments& a) { return {{"again", a.again}}; }

RefreshArguments refresh_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  RefreshArguments a;
  a.again = in.optional_boolean("again").value_or(false);
  in.finish();
  return a;
}

json::value to_json(const SpareArguments& a) {
  return {{"generation", a.generation}};
}

SpareArguments spare_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  SpareArguments a;
  a.generation = in.string("generation");
  in.finish();
  if (a.generation == "none" || a.generation == "newest" ||
      refuse_database(a.generation)) {
    throw JsonError("generation: is not yyyymmddhhmmss", "generation");
  }
  return a;
}

json::value to_json(const UndoArguments& a) {
  return {{"job", a.job},
          {"checkout", a.checkout},
          {"database", a.database},
          {"previous", a.previous}};
}

UndoArguments undo_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  UndoArguments a;
  a.job = in.optional_integer("job").value_or(0);
  a.checkout = in.optional_boolean("checkout").value_or(false);
  a.database = in.optional_boolean("database").value_or(false);
  if (const json::value* previous = in.optional_value("previous")) {
    a.previous = *previous;
  }
  in.finish();
  if (a.job < 0) throw JsonError("job: is no job's number", "job");
  return a;
}

json::value to_json(const KeepArguments& a) { return {{"hours", a.hours}}; }

KeepArguments keep_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  KeepArguments a;
  const auto hours = in.optional_number("hours");
  in.finish();
  if (!hours) throw JsonError("hours: is missing", "hours");
  a.hours = *hours;
  if (!std::isfinite(a.hours) || a.hours <= 0 || a.hours > kMostHours) {
    throw JsonError("hours: must be more than 0 and at most 8784", "hours");
  }
  return a;
}

json::value to_json(const AdoptArguments& a) {
  return {{"application", a.application}, {"oid", or_null(a.oid)}};
}

AdoptArguments adopt_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  AdoptArguments a;
  a.application = in.string("application");
  a.oid = in.optional_integer("oid");
  in.finish();
  if (!is_application_name(a.application)) {
    throw JsonError("application: is not an application's name",
                    "application");
  }
  if (a.oid && (*a.oid < 16384 || *a.oid > 4294967295)) {
    throw JsonError("oid: is no database's", "oid");
  }
  return a;
}

json::value to_json(const DropArguments& a) {
  return {{"cluster", a.cluster}, {"database", a.database}};
}

DropArguments drop_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  DropArguments a;
  a.cluster = in.string("cluster");
  a.database = in.string("database");
  in.finish();
  if (!is_config_name(a.cluster)) {
    throw JsonError("cluster: is not a cluster's name", "cluster");
  }
  if (!is_database_name(a.database)) {
    throw JsonError("database: is not a database's name", "database");
  }
  return a;
}

json::value to_json(const PowerArguments& a) {
  json::object out = {{"action", a.action}, {"force", a.force}};
  if (a.beside != 0) out["beside"] = a.beside;
  return out;
}

PowerArguments power_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  PowerArguments a;
  a.action = in.string("action");
  a.force = in.optional_boolean("force").value_or(false);
  a.beside = in.optional_integer("beside").value_or(0);
  in.finish();
  if (a.action != "start" && a.action != "shutdown" && a.action != "reboot" &&
      a.action != "reset") {
    throw JsonError("action: is not 'start', 'shutdown', 'reboot' or 'reset'",
                    "action");
  }
  if (a.force && a.action != "shutdown") {
    throw JsonError("force: is for a shutdown; a 'reset' asks nobody anyway",
                    "force");
  }
  if (a.beside < 0) throw JsonError("beside: is no job's number", "beside");
  return a;
}

json::value to_json(const SnapshotArguments& a) {
  json::object out = {{"action", a.action}, {"name", a.name}};
  if (a.action == "take") {
    out["note"] = a.note;
    out["seq"] = a.seq;
  }
  return out;
}

SnapshotArguments snapshot_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  SnapshotArguments a;
  a.action = in.string("action");
  a.name = in.string("name");
  a.note = in.optional_string("note").value_or("");
  a.seq = in.optional_integer("seq").value_or(0);
  in.finish();
  if (a.action != "take" && a.action != "revert" && a.action != "delete") {
    throw JsonError("action: is not 'take', 'revert' or 'delete'", "action");
  }
  if (const auto why = refuse_snapshot(a.name)) throw JsonError(*why, "name");
  if (const auto why = refuse_note(a.note)) throw JsonError(*why, "note");
  if (!a.note.empty() && a.action != "take") {
    throw JsonError("note: is for a snapshot that is taken", "note");
  }
  if (a.seq < 0) throw JsonError("seq: is no line's number", "seq");
  return a;
}

json::value to_json(const ProvisionArguments& a) {
  return {{"host", a.host}, {"image", a.image}};
}

ProvisionArguments provision_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  ProvisionArguments a;
  a.host = in.string("host");
  a.image = in.string("image");
  in.finish();
  if (!is_config_name(a.host)) {
    throw JsonError("host: is not a host's name", "host");
  }
  if (!is_config_name(a.image)) {
    throw JsonError("image: is not an image's name", "image");
  }
  return a;
}

json::value to_json(const RetireArguments& a) {
  return {{"host", text_or_null(a.host)}, {"uuid", text_or_null(a.uuid)}};
}

RetireArguments retire_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  RetireArguments a;
  a.host = in.optional_string("host").value_or("");
  a.uuid = in.optional_string("uuid").value_or("");
  in.finish();
  const bool digits = a.uuid.find_first_not_of("0123456789abcdef-") ==
                      std::string::npos;
  if (!a.uuid.empty() && (a.uuid.size() != 36 || !digits)) {
    throw JsonError("uuid: is no domain's", "uuid");
  }
  return a;
}

json::value to_json(const CheckArguments& a) { return {{"build", a.build}}; }

CheckArguments check_arguments_from_json(const json::value& value) {
  ObjectReader in(value, "arguments");
  CheckArguments a;
  a.build = in.integer("build");
  in.finish();
  if (a.build < 1) throw JsonError("build: is no job's number", "build");
  return a;
}

std::vector<std::string> steps_of(const Job& job) {
  std::vector<std::string> out = steps_of(job.kind);
  if (job.kind == JobKind::build && !job.text("revert").empty()) {
    out.insert(out.begin(), "revert");
  }
  return out;
}

}  // namespace berth
