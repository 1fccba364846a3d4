// SPDX-License-Identifier: GPL-2.0-or-later
// The arguments of every kind of job but a build, and the steps of all.
#include <cmath>
#include <map>

#include "base/name.hpp"
#include "model/instant.hpp"
#include "model/job.hpp"

namespace berth {
namespace {

// Some hours, like those of a hold; a year is as good as for ever.
constexpr double kMostHours = 24 * 366;

const std::map<std::string, std::vector<std::string>>& all_steps() {
  static const std::map<std::string, std::vector<std::string>> steps = {
      {"build",
       {"preflight", "database", "checkout", "render", "prepare", "switch",
        "restart", "verify"}},
      {"publish", {"publish"}},
      {"refresh",
       {"fetch", "restore", "scrub", "assert", "vacuum", "publish"}},
      {"spare", {"copy"}},
      {"undo", {"preflight", "switch", "restart", "verify"}},
      {"keep", {"keep"}},
      {"adopt", {"adopt"}},
      {"drop", {"drop"}}};
  return steps;
}

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

const std::vector<std::string>& job_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> out;
    for (const auto& [kind, steps] : all_steps()) out.push_back(kind);
    return out;
  }();
  return kinds;
}

const std::vector<std::string>& steps_of(const std::string& kind) {
  static const std::vector<std::string> none;
  const auto found = all_steps().find(kind);
  return found == all_steps().end() ? none : found->second;
}

}  // namespace berth
