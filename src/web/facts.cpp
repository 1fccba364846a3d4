// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/facts.hpp"

#include "base/clock.hpp"
#include "web/problem.hpp"

namespace berth::web {
namespace {

constexpr std::int64_t kSettled = 1000;  // milliseconds

std::string text_of(const json::object& object, const char* name) {
  const json::value* found = object.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : "";
}

const json::object* hold_of(const json::object& server) {
  const json::value* hold = server.if_contains("hold");
  return hold ? hold->if_object() : nullptr;
}

bool is_fresh(const json::object& server) {
  const json::value* fresh = server.if_contains("fresh");
  return fresh && *fresh == true;
}

bool settled(const Console& console, const json::object& server) {
  const auto touched = console.state().touched_ms(
      "server/" + text_of(server, "name") + ".json");
  return touched && wall_now_ms() - *touched > kSettled;
}

}  // namespace

json::object server_facts(const Console& console, const std::string& name) {
  const auto found = console.state().read_json("server/" + name + ".json");
  if (found && found->is_object()) return found->get_object();
  throw Problem(404, "there is no server '" + name + "'");
}

json::array free_servers(const Console& console,
                         const std::string& application) {
  json::array names;
  const auto list = console.state().read_json("servers.json");
  if (!list) return names;
  const auto known = console.config().applications.find(application);
  for (const auto& item : list->at("servers").as_array()) {
    const json::object& server = item.as_object();
    const std::string name = text_of(server, "name");
    const bool allowed = known == console.config().applications.end() ||
                         known->second.allowed_on(name);
    if (!hold_of(server) && is_fresh(server) && allowed &&
        text_of(server, "state") == "running") {
      names.emplace_back(name);
    }
  }
  return names;
}

void refuse_held(const Console& console, const json::object& server,
                 const std::string& user, const std::string& application) {
  const json::object* hold = hold_of(server);
  if (!hold || text_of(*hold, "user") == user) return;
  const std::string until = text_of(*hold, "until");
  const auto end = parse_rfc3339(until);
  if (!settled(console, server) || !end || *end <= wall_now()) return;
  const std::string holder = text_of(*hold, "user");
  throw Problem(409,
                text_of(server, "name") + " is held by " + holder +
                    " until " + until + "; take a free one, or ask " + holder,
                {{"holder", holder},
                 {"until", until},
                 {"free", free_servers(console, application)}});
}

void refuse_away(const Console& console, const json::object& server) {
  if (!settled(console, server) || is_fresh(server)) return;
  const std::string host = text_of(server, "host");
  const std::string why = text_of(server, "stale_reason");
  // Two hosts have it: neither of them is away.
  if (const auto clash = text_of(server, "problem");
      !clash.empty() && clash == why) {
    throw Problem(409, clash);
  }
  throw Problem(409,
                (host.empty() ? "no host lists " + text_of(server, "name")
                              : "host " + host + " does not answer, so "
                                "nothing is known of " +
                                    text_of(server, "name") +
                                    "; try again when it is back") +
                    (why.empty() ? "" : " (" + why + ")"));
}

void refuse_not_running(const Console& console, const json::object& server) {
  if (!settled(console, server)) return;
  refuse_away(console, server);
  const std::string name = text_of(server, "name");
  const std::string state = text_of(server, "state");
  if (state != "running") {
    throw Problem(409, name + " is not running (" + state + "); start it");
  }
}

void refuse_base(const Console& console, const BuildArguments& arguments) {
  if (arguments.database == "none") return;
  const auto list = console.state().read_json("applications.json");
  if (!list) return;
  for (const auto& item : list->at("applications").as_array()) {
    if (item.at("name").as_string() != arguments.application) continue;
    json::array known;
    for (const auto& base : item.at("bases").as_array()) {
      known.push_back(base.at("generation"));
      if (base.at("generation").as_string() == arguments.database) return;
    }
    if (arguments.database == "newest" && !known.empty()) return;
    throw Problem(409,
                  known.empty()
                      ? "there is no base of " + arguments.application +
                            " yet; an admin makes one (berthctl publish)"
                      : "there is no base " + arguments.database + " of " +
                            arguments.application + "; the list is in "
                            "'generations'",
                  {{"generations", known}});
  }
}

std::optional<std::int64_t> undo_seen(const Console& console,
                                      const json::object& server) {
  const json::value* undo = server.if_contains("undo");
  const json::object* offer = undo ? undo->if_object() : nullptr;
  const json::value* job = offer ? offer->if_contains("job") : nullptr;
  if (!job || !job->is_int64()) return std::nullopt;
  if (console.runner().up && !settled(console, server)) return std::nullopt;
  return job->get_int64();
}

void refuse_no_undo(const Console& console, const json::object& server) {
  const json::value* undo = server.if_contains("undo");
  if (!undo || !undo->is_null() || !settled(console, server)) return;
  const json::value* why = server.if_contains("no_undo");
  throw Problem(409, "there is nothing to undo on " +
                         text_of(server, "name") +
                         (why && why->is_string()
                              ? ": " + std::string(why->get_string())
                              : ""));
}

}  // namespace berth::web
