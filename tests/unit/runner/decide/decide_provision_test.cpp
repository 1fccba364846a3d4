// SPDX-License-Identifier: GPL-2.0-or-later
// Making a server and retiring it: who may, and what is in the way.
#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(decide_provision)

using namespace berth;
using namespace berth::runner;

namespace {

World with_image() {
  World world = small_console();
  HostConfig& host = world.config.hosts["kvm1"];
  host.servers = {"qa*"};
  host.aliases["Old Box"] = "qa77";
  host.images["debian"].name = "debian";
  world.hosts["kvm1"].fresh = true;
  return world;
}

constexpr const char* kAsked = R"({"host":"kvm1","image":"debian"})";

Receipt decided(const World& world, const std::string& user,
                const std::string& action, const std::string& target,
                const std::string& arguments, uid_t owner = 33) {
  return berth::runner::decided_and_read(world,
                               drop_of(user, action, target, arguments, owner),
                               [] { return std::int64_t{7}; });
}

void expect(const Receipt& got, int status, const std::string& part) {
  BOOST_TEST_CONTEXT(got.detail) {
    BOOST_TEST(got.status == status);
    BOOST_TEST((got.detail.find(part) != std::string::npos));
    BOOST_TEST(got.effects.size() == (status == 201 ? 1u : 0u));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_admin_makes_a_server_of_a_free_name) {
  const World world = with_image();
  const Receipt got = decided(world, "carol", "provision", "qa9", kAsked);
  expect(got, 201, "creates qa9 on host kvm1 from image debian");
  const Job job = job_from_json(got.effects.at(0).at("job"));
  BOOST_TEST((job.kind == JobKind::provision));
  BOOST_TEST(job.server == "qa9");
  BOOST_TEST(job.application == "");
  expect(decided(world, "bob", "provision", "qa9", kAsked), 403, "admin");
}

BOOST_AUTO_TEST_CASE(a_name_that_cannot_be_a_new_server_is_refused) {
  World world = with_image();
  const auto ask = [&](const std::string& name) {
    return decided(world, "carol", "provision", name, kAsked);
  };
  expect(ask("qa1"), 409, "qa1 is already a server of host kvm1");
  expect(ask("web9"), 409, "no glob in `servers`");
  expect(ask("qa77"), 409, "is the alias of domain Old Box on host kvm1");
  expect(ask("QA9"), 400, "invalid server name");
  expect(ask("*"), 400, "invalid server name");
  world.servers["qa8"].hold = hold_of("bob");
  expect(ask("qa8"), 409, "held by bob");
  LiveJob live = job_on("qa9", 3, "carol", JobState::running);
  live.job.kind = JobKind::provision;
  world.servers["qa9"];
  world.jobs[3] = live;
  expect(ask("qa9"), 409, "job 3 already creates qa9");
}

BOOST_AUTO_TEST_CASE(a_server_that_is_made_or_retired_is_nobodys_to_have) {
  World world = with_image();
  for (const auto& [kind, words] :
       {std::pair{JobKind::provision, "job 3 creates qa1; try again"},
        std::pair{JobKind::retire, "job 3 retires qa1; try again"}}) {
    LiveJob live = job_on("qa1", 3, "carol", JobState::running);
    live.job.kind = kind;
    world.jobs[3] = live;
    expect(decided(world, "bob", "reserve", "qa1", "{}"), 409, words);
    const Receipt build = decided(world, "bob", "build", "qa1", kBuild);
    expect(build, 409, words);
    BOOST_TEST(build.extra.at("job").to_number<int>() == 3);
    // Nor does a hold change hands, nor is its power touched when it is stuck.
    world.servers["qa1"].hold = hold_of("eve");
    expect(decided(world, "carol", "reserve", "qa1", R"({"take_over":true})"),
           409, words);
    world.jobs[3].state = JobState::unsettled;
    expect(decided(world, "carol", "power", "qa1", R"({"action":"reset"})"),
           409, "job 3 on qa1 has not ended");
    world.servers["qa1"].hold.reset();
  }
  world.jobs.clear();
  expect(decided(world, "bob", "reserve", "qa1", "{}"), 201, "qa1 is held");
}

BOOST_AUTO_TEST_CASE(a_host_or_an_image_that_is_not_there_is_told) {
  World world = with_image();
  const auto ask = [&](const std::string& arguments) {
    return decided(world, "carol", "provision", "qa9", arguments);
  };
  expect(ask(R"({"host":"kvm2","image":"debian"})"), 404, "no host kvm2");
  const Receipt none = ask(R"({"host":"kvm1","image":"fedora"})");
  expect(none, 404, "host kvm1 has no image fedora");
  BOOST_TEST(none.extra.at("images") == json::value({"debian"}));
  expect(ask(R"({"host":"kvm1"})"), 400, "image");
  expect(ask(R"({"host":"kvm1","image":"debian","x":1})"), 400, "x");
  expect(ask(R"({"host":"../x","image":"debian"})"), 400, "host");
  world.hosts["kvm1"].fresh = false;
  world.hosts["kvm1"].reason = "no route";
  expect(ask(kAsked), 409, "host kvm1 is unreachable: no route");
  world.draining = true;
  expect(ask(kAsked), 503, "draining");
}

BOOST_AUTO_TEST_CASE(only_root_retires_and_berthd_says_on_which_host) {
  World world = with_image();
  const std::string uuid = "0b1f7c2e-0000-4000-8000-0123456789ab";
  expect(decided(world, "carol", "retire", "qa1", "{}"), 403, "berthctl");
  const Receipt look = decided(world, "root", "retire", "qa1", "{}", 0);
  expect(look, 201, "job 7 inspects qa1");
  const Receipt going = decided(world, "root", "retire", "qa1",
                                "{\"uuid\":\"" + uuid + "\"}", 0);
  expect(going, 201, "job 7 retires qa1");
  const Job job = job_from_json(going.effects.at(0).at("job"));
  BOOST_TEST(job.text("host") == "kvm1");
  BOOST_TEST(job.text("uuid") == uuid);
  expect(decided(world, "root", "retire", "qa1", R"({"uuid":"*"})", 0), 400,
         "uuid");
  expect(decided(world, "root", "retire", "qa99", "{}", 0), 404, "no server");
  world.servers["qa1"].fresh = false;
  world.servers["qa1"].stale_reason = "no route";
  expect(decided(world, "root", "retire", "qa1", "{}", 0), 409, "is unreachable");
  world.servers["qa1"].host.clear();
  expect(decided(world, "root", "retire", "qa1", "{}", 0), 409, "no host");
}

BOOST_AUTO_TEST_SUITE_END()
