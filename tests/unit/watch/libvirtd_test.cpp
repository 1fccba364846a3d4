// SPDX-License-Identifier: GPL-2.0-or-later
// The watcher over a wire: a libvirtd of our own, whose test driver is shared
// by all who connect, so that virsh changes what the watcher hears of.
#include <sys/stat.h>

#include <csignal>

#include <boost/test/unit_test.hpp>

#include "lab.hpp"
#include "watch/watcher.hpp"

using namespace berth;
using namespace berth::watch;
namespace bt = boost::unit_test;

namespace {

boost::test_tools::assertion_result libvirtd_is_here(bt::test_unit_id) {
  boost::test_tools::assertion_result here(PrivateLibvirtd::installed());
  if (!here) here.message() << "libvirtd and virsh are not installed";
  return here;
}

struct Wire {
  Wire() : libvirtd(dir) {
    ::mkdir((dir / "state").c_str(), 0750);
    dir.put("qa1.xml", domain_xml("qa1"));
    the_loop();
    libvirtd.start();
  }
  HostConfig host() const {
    HostConfig host;
    host.name = "kvm1";
    host.uri = libvirtd.uri();
    host.servers = {"*"};
    return host;
  }
  // The state of one server as published; empty when there is none.
  std::string state_of(const std::string& server) const {
    for (const auto& domain : published().domains) {
      if (domain.server == server) return domain.state;
    }
    return "";
  }
  HostState published() const {
    return host_state_from_json(
        State(dir / "state").read_json("hosts/kvm1.json").value());
  }
  TemporaryDir dir;
  PrivateLibvirtd libvirtd;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(libvirtd, Wire, *bt::precondition(libvirtd_is_here))

BOOST_AUTO_TEST_CASE(follows_a_domain_from_definition_to_its_end) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state, host());
  watcher.connect();
  BOOST_TEST(state_of("test") == "running");
  // Each within two seconds: by event, for the full read is a minute away.
  const auto becomes = [&](const std::string& words) {
    return turn_until([&] { return state_of("qa1") == words; }, 2'000);
  };
  libvirtd.virsh({"define", dir / "qa1.xml"});
  BOOST_TEST(becomes("shut off"));
  libvirtd.virsh({"start", "qa1"});
  BOOST_TEST(becomes("running"));
  libvirtd.virsh({"suspend", "qa1"});
  BOOST_TEST(becomes("paused"));
  libvirtd.virsh({"resume", "qa1"});
  BOOST_TEST(becomes("running"));
  libvirtd.virsh({"destroy", "qa1"});
  BOOST_TEST(becomes("shut off"));
  libvirtd.virsh({"undefine", "qa1"});
  BOOST_TEST(becomes(""));
  BOOST_TEST(state_of("test") == "running");
}

BOOST_AUTO_TEST_CASE(snapshots_are_seen_when_berthd_says_so) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state, host());
  const OnSignal poked(the_loop(), SIGURG, [&] { watcher.look_again(); });
  watcher.connect();
  libvirtd.virsh({"snapshot-create-as", "test", "clean",
                  "before the upgrade\nmore\nberth 1 abcd test 12 41"});
  libvirtd.virsh({"snapshot-create-as", "test", "by-hand"});
  ::raise(SIGURG);
  const auto snapshots = [&] { return published().domains[0].snapshots; };
  BOOST_REQUIRE(turn_until([&] { return snapshots().size() == 2u; }, 2'000));
  const auto seen = snapshots();
  const auto& clean = seen[seen[0].name == "clean" ? 0 : 1];
  BOOST_TEST(clean.name == "clean");
  BOOST_TEST(clean.note == "before the upgrade\nmore");
  BOOST_TEST(clean.state == "running");
  BOOST_TEST((clean.mark == SnapshotMark{"abcd", "test", 12, 41}));
  BOOST_TEST(!clean.current);
  BOOST_TEST(wall_now() - clean.created < 100);
  const auto& by_hand = seen[seen[0].name == "clean" ? 1 : 0];
  BOOST_TEST(by_hand.current);
  BOOST_TEST(!by_hand.mark.has_value());
}

// libvirt tells nobody since when a domain runs: who saw it start knows, and
// a watcher that takes over knows it from the file as long as it is that run.
BOOST_AUTO_TEST_CASE(since_when_a_server_runs_is_what_somebody_saw) {
  const State state(dir / "state");
  const auto since = [&](const std::string& server = "qa1") {
    for (const auto& domain : published().domains) {
      if (domain.server == server) return domain.since;
    }
    return std::optional<Instant>();
  };
  // The driver forgets everything when its last client leaves.
  const Child other = Child::start(
      {"virsh", "-q", "-c", libvirtd.uri(), "event", "--all", "--loop"});
  {
    Watcher watcher(the_loop(), state, host());
    watcher.connect();
    BOOST_TEST(!since("test").has_value());
    libvirtd.virsh({"define", dir / "qa1.xml"});
    libvirtd.virsh({"start", "qa1"});
    BOOST_REQUIRE(turn_until([&] { return since().has_value(); }, 2'000));
    BOOST_TEST(wall_now() - *since() < 10);
    turn_until([] { return false; }, 500);  // until the other has connected
  }
  const auto before = since();
  Watcher next(the_loop(), state, host());
  next.connect();
  BOOST_TEST((since() == before));
}

BOOST_AUTO_TEST_CASE(a_storm_of_events_is_written_four_times_a_second) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state, host());
  watcher.connect();
  libvirtd.virsh({"define", dir / "qa1.xml"});
  std::string storm;
  for (int i = 0; i < 500; ++i) storm += "start qa1; destroy qa1; ";
  int writes = 0;
  std::string etag;
  const std::int64_t begin = monotonic_ms();
  Child virsh = Child::start({"virsh", "-q", "-c", libvirtd.uri(), storm});
  const auto count = [&] {
    const auto body = state.read("hosts/kvm1.json");
    if (body && body->etag != etag) ++writes, etag = body->etag;
    return false;
  };
  turn_until(
      [&] {
        count();
        return virsh.poll_exit().has_value();
      },
      20'000);
  turn_until(count, 2 * kPublishMs);
  const auto quarters = (monotonic_ms() - begin) / kPublishMs;
  BOOST_TEST(writes >= 1);
  BOOST_TEST(writes <= quarters + 2);
  BOOST_TEST(state_of("qa1") == "shut off");
}

BOOST_AUTO_TEST_CASE(a_killed_libvirtd_is_away_and_then_found_again) {
  const State state(dir / "state");
  Watcher watcher(the_loop(), state, host(), 100);
  watcher.connect();
  libvirtd.kill_hard();
  BOOST_REQUIRE(turn_until([&] { return !published().connected; }, 3'000));
  BOOST_TEST(published().reason != "");
  BOOST_TEST(state_of("test") == "running");  // the last that was known
  BOOST_REQUIRE(turn_until(
      [&] { return published().reason.find("Failed to connect") == 0; },
      3'000));
  libvirtd.start();
  BOOST_REQUIRE(turn_until([&] { return published().connected; }, 8'000));
  // And it listens on the new connection as on the old.
  libvirtd.virsh({"define", dir / "qa1.xml"});
  BOOST_TEST(turn_until([&] { return state_of("qa1") == "shut off"; }, 2'000));
}

BOOST_AUTO_TEST_SUITE_END()
