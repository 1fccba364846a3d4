// SPDX-License-Identifier: GPL-2.0-or-later
// The watcher on libvirt's built-in test driver: no process, no wire.
#include "watch/watcher.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "lab.hpp"

using namespace berth;
using namespace berth::watch;

namespace {

struct Place {
  Place() { ::mkdir((dir / "state").c_str(), 0750); }
  HostConfig host(const std::string& uri) const {
    HostConfig host;
    host.name = "kvm1";
    host.uri = uri;
    host.servers = {"qa*", "test"};
    host.aliases = {{"Old Box", "qa7"}};
    return host;
  }
  // A test:///FILE host with these domains.
  HostConfig file_host(const std::vector<std::string>& names) const {
    std::string xml = "<node>";
    for (const auto& name : names) xml += domain_xml(name);
    dir.put("node.xml", xml + "</node>");
    return host("test://" + (dir / "node.xml"));
  }
  HostState published() const {
    return host_state_from_json(
        State(dir / "state").read_json("hosts/kvm1.json").value());
  }
  TemporaryDir dir;
};

std::string servers_of(const HostState& state) {
  std::string out;
  for (const auto& domain : state.domains) out += domain.server + " ";
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(watcher, Place)

BOOST_AUTO_TEST_CASE(publishes_what_the_host_runs) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state, host("test:///default"));
  watcher.connect();
  const HostState seen = published();
  BOOST_TEST(seen.host == "kvm1");
  BOOST_TEST(seen.connected);
  BOOST_TEST(seen.reason == "");
  BOOST_REQUIRE(seen.domains.size() == 1u);
  BOOST_TEST(seen.domains[0].server == "test");
  BOOST_TEST(seen.domains[0].state == "running");
  BOOST_TEST(seen.domains[0].vcpus == 2);
  BOOST_TEST(seen.domains[0].memory == std::int64_t{8} << 30);
  BOOST_TEST(seen.domains[0].addresses.size() == 1u);
  BOOST_TEST(wall_now() - seen.as_of < 10);
}

BOOST_AUTO_TEST_CASE(only_matching_domains_are_servers_and_they_are_sorted) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state,
                  file_host({"qa9", "qa_bad", "router", "Old Box", "qa10"}));
  watcher.connect();
  BOOST_TEST(servers_of(published()) == "qa10 qa7 qa9 ");
}

BOOST_AUTO_TEST_CASE(of_two_domains_for_one_server_its_namesake_stays) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state, file_host({"Old Box", "qa7"}));
  watcher.connect();
  const HostState seen = published();
  BOOST_REQUIRE(seen.domains.size() == 1u);
  BOOST_TEST(seen.domains[0].name == "qa7");
}

BOOST_AUTO_TEST_CASE(a_host_that_is_away_is_told_in_libvirts_words) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state,
                  host("test+unix:///default?socket=/nonexistent/sock"));
  watcher.connect();
  BOOST_REQUIRE(turn_until(
      [&] { return state.touched_ms("hosts/kvm1.json").has_value(); }));
  const HostState seen = published();
  BOOST_TEST(!seen.connected);
  BOOST_TEST(seen.reason.find("Failed to connect socket") == 0u);
}

BOOST_AUTO_TEST_CASE(the_last_known_servers_stay_while_the_host_is_away) {
  const State state(dir / "state");
  const HostConfig config = file_host({"qa1", "qa2"});
  {
    Watcher first(the_loop(), state, config);
    first.connect();
  }
  const Instant seen_at = published().as_of;
  dir.put("node.xml", "this is no XML");
  Watcher second(the_loop(), state, config);
  second.connect();
  BOOST_REQUIRE(turn_until([&] { return !published().connected; }));
  BOOST_TEST(servers_of(published()) == "qa1 qa2 ");
  BOOST_TEST(published().as_of == seen_at);
  BOOST_TEST(published().reason != "");
}

BOOST_AUTO_TEST_CASE(what_another_address_ran_is_forgotten) {
  const State state(dir / "state");
  {
    Watcher first(the_loop(), state, file_host({"qa1"}));
    first.connect();
  }
  Watcher second(the_loop(), state,
                 host("test+unix:///default?socket=/nonexistent/sock"));
  second.connect();
  BOOST_REQUIRE(turn_until([&] { return !published().connected; }));
  BOOST_TEST(servers_of(published()) == "");
}

BOOST_AUTO_TEST_CASE(a_broken_state_file_is_made_anew) {
  const State state(dir / "state");
  state.write_text("hosts/kvm1.json", "{\"version\":1,\"host\":7}");
  Watcher watcher(the_loop(), state, file_host({"qa1"}));
  watcher.connect();
  BOOST_TEST(servers_of(published()) == "qa1 ");
}

BOOST_AUTO_TEST_CASE(the_file_is_touched_and_made_again_when_it_is_removed) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state, file_host({"qa1"}));
  watcher.connect();
  const auto before = state.touched_ms("hosts/kvm1.json").value();
  BOOST_REQUIRE(turn_until(
      [&] { return state.touched_ms("hosts/kvm1.json").value() > before; },
      kHeartbeatMs + 2'000));
  state.remove("hosts/kvm1.json");
  BOOST_REQUIRE(turn_until(
      [&] { return state.touched_ms("hosts/kvm1.json").has_value(); },
      kHeartbeatMs + 2'000));
  BOOST_TEST(servers_of(published()) == "qa1 ");
}

BOOST_AUTO_TEST_CASE(what_a_callback_throws_comes_out_of_the_loop) {
  Timer bomb(the_loop(), [] { throw std::runtime_error("no disk"); });
  bomb.once(0);
  BOOST_CHECK_THROW(turn_until([] { return false; }, 2'000),
                    std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
