// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/configuration.hpp"

#include "model/instant.hpp"

namespace berth {
namespace {

json::value to_json(const DatabaseOnServer& database) {
  return {{"cluster", database.cluster},
          {"name", database.name},
          {"oid", database.oid},
          {"generation", database.generation},
          {"data_at", instant_or_null(database.data_at)}};
}

DatabaseOnServer database_from_json(const json::value& value) {
  ObjectReader in(value, "database");
  DatabaseOnServer out;
  out.cluster = in.string("cluster");
  out.name = in.string("name");
  out.oid = in.integer("oid");
  out.generation = in.string("generation");
  out.data_at = read_optional_instant(in, "data_at");
  in.finish();
  return out;
}

}  // namespace

json::value to_json(const Configuration& c) {
  return {{"application", c.application},
          {"path", c.path},
          {"revision", c.revision},
          {"kind", c.kind},
          {"slot", c.slot},
          {"database",
           c.database ? to_json(*c.database) : json::value(nullptr)},
          {"templates", c.templates},
          {"user", c.user},
          {"note", c.note},
          {"job", c.job},
          {"built_at", rfc3339(c.built_at)},
          {"verified", c.verified},
          {"url", c.url}};
}

json::value to_json(const std::optional<Configuration>& configuration) {
  return configuration ? to_json(*configuration) : json::value(nullptr);
}

std::optional<Configuration> configuration_from_json(
    const json::value& value) {
  if (value.is_null()) return std::nullopt;
  ObjectReader in(value, "configuration");
  Configuration c;
  c.application = in.string("application");
  c.path = in.string("path");
  c.revision = in.string("revision");
  c.kind = in.string("kind");
  c.slot = in.string("slot");
  if (const json::value* database = in.optional_value("database")) {
    c.database = database_from_json(*database);
  }
  c.templates = in.string("templates");
  c.user = in.string("user");
  c.note = in.string("note");
  c.job = in.integer("job");
  c.built_at = read_instant(in, "built_at");
  c.verified = in.boolean("verified");
  c.url = in.string("url");
  in.finish();
  return c;
}

}  // namespace berth
