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

BOOST_AUTO_TEST_CASE(what_is_skipped_is_published_with_the_reason) {
  const State state(dir / "state");
  const std::string longest = "qa" + std::string(30, 'x');
  const HostConfig config =
      file_host({"qa 1", "qa%2", longest, "router", "Old Box", "qa7", "qa8"});
  {
    Watcher watcher(the_loop(), state, config);
    watcher.connect();
  }
  const HostState seen = published();
  BOOST_TEST(servers_of(seen) == "qa7 qa8 ");
  std::map<std::string, std::string> skipped;
  for (const auto& one : seen.skipped) skipped[one.domain] = one.reason;
  BOOST_TEST(skipped.size() == 4u);
  for (const std::string& name : {std::string("qa 1"), std::string("qa%2"),
                                  longest}) {
    BOOST_TEST(skipped[name].find("is not a server name") !=
               std::string::npos);
  }
  BOOST_TEST(skipped["Old Box"].find("another domain is server qa7") == 0u);
  // It is a server now.
  dir.put("node.xml", "<node>" + domain_xml("qa1") + "</node>");
  Watcher again(the_loop(), state, config);
  again.connect();
  BOOST_TEST(published().skipped.empty());
}

BOOST_AUTO_TEST_CASE(of_thousands_that_are_skipped_some_are_named) {
  const State state(dir / "state");
  std::vector<std::string> names;
  for (int i = 0; i < 130; ++i) names.push_back("qa_" + std::to_string(i));
  Watcher watcher(the_loop(), state, file_host(names));
  watcher.connect();
  BOOST_TEST(published().skipped.size() == kMostSkipped);
  BOOST_TEST(published().skipped_more == 30);
}

// libvirt takes what its XML says: an admin's typo in one snapshot once made
// the host unreachable.
BOOST_AUTO_TEST_CASE(a_crooked_snapshot_hides_nothing_and_is_named) {
  const State state(dir / "state");
  const auto snapshot = [](const std::string& name, const std::string& at) {
    return "<test:domainsnapshot><name>" + name +
           "</name><description>x\xc3\xa4</description><state>shutoff</state>"
           "<creationTime>" + at +
           "</creationTime><active>0</active></test:domainsnapshot>";
  };
  const auto domain = [](const std::string& name, const std::string& more) {
    return "<domain type='test' xmlns:test="
           "'http://libvirt.org/schemas/domain/test/1.0'><name>" + name +
           "</name><memory>131072</memory><vcpu>2</vcpu>"
           "<os><type>hvm</type></os>" + more + "</domain>";
  };
  dir.put("node.xml",
          "<node>" +
              domain("qa1", snapshot("good", "1700000000") +
                                snapshot("far", "253402300800") +
                                snapshot("early", "-7")) +
              domain("qa2", "") + "</node>");
  Watcher watcher(the_loop(), state, host("test://" + (dir / "node.xml")));
  watcher.connect();
  const HostState seen = published();
  BOOST_TEST(seen.connected);
  BOOST_TEST(servers_of(seen) == "qa1 qa2 ");
  const DomainState& qa1 = seen.domains.at(0);
  BOOST_REQUIRE(qa1.snapshots.size() == 1u);
  BOOST_TEST(qa1.snapshots[0].name == "good");
  BOOST_REQUIRE(qa1.problems.size() == 2u);
  std::string told = qa1.problems[0] + qa1.problems[1];
  BOOST_TEST(told.find("snapshot 'far': its creationTime '253402300800'") !=
             std::string::npos, told);
  BOOST_TEST(told.find("snapshot 'early': its creationTime '-7'") !=
             std::string::npos, told);
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
