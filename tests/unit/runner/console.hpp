// SPDX-License-Identifier: GPL-2.0-or-later
// A small console for tests, as tests/lib/berth.conf configures it: three
// running servers on one host, one that is off, two applications, bob who holds
// nothing yet and carol who is admin.
#pragma once

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "base/config.hpp"
#include "runner/decide/decide.hpp"
#include "runner/world/world.hpp"
#include "temporary_dir.hpp"

namespace berth::runner {

inline constexpr Instant kNow = 1'800'000'000;

inline Server running_server() {
  Server server;
  server.host = "kvm1";
  server.state = "running";
  server.fresh = true;
  server.as_of = kNow;
  return server;
}

// Read from the top of the sources, as all that runs the tests does.
inline const Config& configuration_of_tests() {
  static const Config config = [] {
    std::stringstream text;
    text << std::ifstream("tests/lib/berth.conf").rdbuf();
    const std::string placed = std::regex_replace(
        std::regex_replace(text.str(), std::regex("@tree@"), "/nowhere"),
        std::regex("@url@"), "http://localhost/berth");
    const TemporaryDir folder;
    folder.put("berth.conf", placed);
    return load_config(folder / "berth.conf");
  }();
  return config;
}

inline World small_console() {
  World world;
  world.now = kNow;
  world.config = configuration_of_tests();
  for (auto& [name, application] : world.config.applications) {
    application.servers = {"qa*"};
  }
  for (const char* name : {"qa1", "qa2", "qa3", "live1"}) {
    world.servers[name] = running_server();
  }
  world.servers["qa4"] = running_server();
  world.servers["qa4"].state = "shut off";
  ClusterState seen;
  seen.cluster = "db1";
  seen.reachable = true;
  seen.as_of = kNow;
  seen.bases.push_back({"shop", "20261122024100", "berth_b", {}, 1});
  world.clusters["db1"] = seen;
  return world;
}

inline Hold hold_of(const std::string& user) {
  Hold hold;
  hold.user = user;
  hold.since = kNow - 60;
  hold.until = kNow + 3600;
  return hold;
}

inline Drop drop_of(const std::string& user, const std::string& action,
                    const std::string& target, const std::string& arguments,
                    uid_t owner = 33) {
  Drop drop;
  drop.token = std::string(32, 'a');
  drop.user = user;
  drop.action = action;
  drop.target = target;
  drop.arguments = parse_json(arguments).as_object();
  drop.at = kNow;
  drop.by_root = owner == 0;
  return drop;
}

// What decide() says, as everybody reads it who opens the receipt.
template <typename NextJob>
Receipt decided_and_read(const World& world, const Drop& drop, NextJob next) {
  return receipt_from_json(to_json(decide(world, drop, next)));
}

inline LiveJob job_on(const std::string& server, std::int64_t id,
                      const std::string& user, JobState state) {
  LiveJob live;
  live.job.id = id;
  live.job.kind = JobKind::build;
  live.job.server = server;
  live.job.application = "shop";
  live.job.user = user;
  live.job.token = std::string(32, 'b');
  live.job.created_at = kNow;
  live.job.arguments = {{"application", "shop"}, {"path", "trunk"},
                        {"database", "none"}, {"checkout", true}};
  live.state = state;
  return live;
}

inline const std::string kBuild =
    R"({"application":"shop","path":"trunk","database":"newest",)"
    R"("checkout":true})";

// What bob's build of trunk by that job leaves on a server.
inline Configuration trunk_of(std::int64_t job) {
  Configuration out;
  out.application = "shop";
  out.path = "trunk";
  out.revision = "7";
  out.kind = "svn";
  out.slot = "a";
  out.user = "bob";
  out.job = job;
  out.built_at = kNow;
  return out;
}

}  // namespace berth::runner
