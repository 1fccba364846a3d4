// SPDX-License-Identifier: GPL-2.0-or-later
// One crooked object of a host is one crooked object: the others are read, and
// it is named. It once made the whole host unreachable.
#include "store/host_state.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <map>

#include "store/cluster_state.hpp"
#include "store/state.hpp"
#include "temporary_dir.hpp"

using namespace berth;

namespace {

DomainState a_domain(const std::string& name) {
  DomainState d;
  d.name = d.server = name;
  d.state = "running";
  d.uuid = "u-" + name;
  d.addresses = {"192.0.2.7"};
  d.snapshots = {{"clean", 1795375623, "running", true, "before", {}}};
  return d;
}

json::value a_host() {
  HostState h;
  h.host = "kvm1";
  h.uri = "test:///default";
  h.as_of = 1795375623;
  h.domains = {a_domain("qa1"), a_domain("qa2")};
  h.skipped = {{"qa 3", "not a server name"}};
  return to_json(h);
}

json::object& domain_of(json::value& host, std::size_t i) {
  return host.at("domains").as_array().at(i).as_object();
}

std::string all_of(const HostState& host) {
  std::string out;
  for (const auto& p : host.problems) out += p + "\n";
  for (const auto& d : host.domains) {
    for (const auto& p : d.problems) out += d.name + ": " + p + "\n";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_state)

BOOST_AUTO_TEST_CASE(a_domain_that_cannot_be_read_hides_no_other) {
  for (const auto& [member, value] : std::map<std::string, json::value>{
           {"name", 7}, {"uuid", nullptr}, {"memory", "much"},
           {"vcpus", 1.5}, {"unheard-of", 1}, {"run", json::array{}}}) {
    json::value host = a_host();
    domain_of(host, 0)[member] = value;
    const HostState read = host_state_from_json(host);
    BOOST_TEST_CONTEXT(member) {
      BOOST_REQUIRE(read.domains.size() == 1u);
      BOOST_TEST(read.domains[0].name == "qa2");
      BOOST_REQUIRE(read.problems.size() == 1u);
      BOOST_TEST(read.problems[0].find("domains: item 1 cannot be read: ") ==
                 0u);
      BOOST_TEST(read.problems[0].find(member) != std::string::npos);
    }
  }
  json::value host = a_host();
  host.at("domains").as_array().insert(
      host.at("domains").as_array().begin(), "no object");
  BOOST_TEST(host_state_from_json(host).domains.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_detail_of_a_domain_that_cannot_be_read_is_left_out) {
  const json::object good{{"name", "x"},      {"created", "10000-01-01T00:00:00Z"},
                          {"state", "running"}, {"current", false},
                          {"note", ""},       {"mark", nullptr}};
  json::value host = a_host();
  json::object& domain = domain_of(host, 0);
  domain["addresses"] = json::array{7, "192.0.2.8", nullptr};
  domain["since"] = "10000-01-01T00:00:00Z";
  domain["snapshots"].as_array().push_back(good);
  domain["snapshots"].as_array().push_back("none");
  const HostState read = host_state_from_json(host);
  BOOST_REQUIRE(read.domains.size() == 2u);
  const DomainState& qa1 = read.domains[0];
  BOOST_TEST(qa1.addresses.size() == 1u);
  BOOST_TEST(qa1.addresses[0] == "192.0.2.8");
  BOOST_TEST(!qa1.since.has_value());
  BOOST_TEST(qa1.snapshots.size() == 1u);
  const std::string told = all_of(read);
  for (const char* part :
       {"qa1: addresses: item 1 ", "qa1: addresses: item 3 ", "'since' is not",
        "qa1: snapshots: item 2 ", "'created' is not",
        "qa1: snapshots: item 3 "}) {
    BOOST_TEST(told.find(part) != std::string::npos, told);
  }
  // What was named once is named on.
  BOOST_TEST(all_of(host_state_from_json(to_json(read))) == told);
}

BOOST_AUTO_TEST_CASE(lists_that_are_none_and_skipped_ones_are_named_too) {
  for (const char* list : {"domains", "skipped"}) {
    json::value host = a_host();
    host.at(list) = "x";
    const HostState read = host_state_from_json(host);
    BOOST_TEST(all_of(read) == std::string(list) +
                                   " cannot be read: not a list\n");
  }
  json::value host = a_host();
  host.at("skipped").as_array().push_back(json::object{{"domain", 7}});
  const HostState read = host_state_from_json(host);
  BOOST_REQUIRE(read.skipped.size() == 1u);
  BOOST_TEST(read.skipped[0].domain == "qa 3");
  BOOST_TEST(read.problems.size() == 1u);
  json::value many = a_host();
  for (int i = 0; i < 1000; ++i) many.at("domains").as_array().push_back(i);
  BOOST_TEST(host_state_from_json(many).problems.size() == 20u);
  BOOST_TEST(host_state_from_json(many).domains.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_written_can_be_read_whatever_was_seen) {
  TemporaryDir dir;
  const State state(dir.path());
  HostState host;
  host.host = "kvm1";
  host.uri = "x";
  host.reason = "cut \xff\xed\xa0\x80 off";
  host.as_of = 253402300800;
  DomainState d = a_domain("qa1");
  d.since = -5;
  d.addresses = {"\xc3"};
  d.snapshots = {{"a\xff", std::numeric_limits<std::int64_t>::max(), "x", true,
                  "\xed\xbf\xbf", {}}};
  host.domains = {d};
  state.write("hosts/kvm1.json", to_json(host));
  const HostState read =
      host_state_from_json(state.read_json("hosts/kvm1.json").value());
  BOOST_TEST(all_of(read) == "");
  BOOST_TEST(read.as_of == kLastInstant);
  BOOST_TEST(read.reason == "cut ???? off");
  BOOST_TEST(read.domains.at(0).since.value() == 0);
  BOOST_TEST(read.domains.at(0).snapshots.at(0).name == "a?");
  BOOST_TEST(read.domains.at(0).snapshots.at(0).created == kLastInstant);
}

BOOST_AUTO_TEST_CASE(a_server_is_found_on_each_host_that_lists_it) {
  TemporaryDir dir;
  const State state(dir.path());
  Config config;
  for (const char* name : {"kvm1", "kvm2", "kvm3", "kvm4"}) {
    config.hosts[name].name = name;
  }
  json::value host = a_host();
  state.write(host_state_file("kvm1"), host);
  domain_of(host, 0)["server"] = "qa9";
  state.write(host_state_file("kvm2"), host);
  state.write(host_state_file("kvm3"), {{"version", 7}});  // of a later version
  const auto of = [&](const std::string& server) {
    std::string out;
    for (const SeenServer& seen : find_server(config, state, server)) {
      out += seen.host.name + " " + seen.domain.name + ";";
    }
    return out;
  };
  BOOST_TEST(of("qa1") == "kvm1 qa1;");
  BOOST_TEST(of("qa2") == "kvm1 qa2;kvm2 qa2;");
  BOOST_TEST(of("qa9") == "kvm2 qa1;");
  BOOST_TEST(of("qa3") == "");
}

// The same kind, of a cluster: a base is what others copy from, whatever the
// comment of another database is.
BOOST_AUTO_TEST_CASE(one_entry_of_a_cluster_hides_no_other) {
  ClusterState c;
  c.cluster = "db1";
  c.reachable = true;
  c.as_of = 1795375623;
  c.bases = {{"shop", "20261122024100", "berth_x", 1795375000, 5}};
  c.live = {{"shop_qa1", 16999, "qa1", "shop", "20261122024100", 12}};
  c.orphans = {{"directory", "base/16999", "nobody has it", 7}};
  json::value written = to_json(c);
  for (const char* list :
       {"bases", "spares", "live", "former", "orphans", "problems"}) {
    json::array& items = written.at(list).as_array();
    items.insert(items.begin(), json::object{{"database", 7}});
  }
  const ClusterState read = cluster_state_from_json(written);
  BOOST_TEST(read.bases.size() == 1u);
  BOOST_TEST(read.live.size() == 1u);
  BOOST_TEST(read.orphans.size() == 1u);
  BOOST_TEST(read.problems.size() == 6u);
  BOOST_TEST(read.problems.at(0).find("bases: item 1 cannot be read: ") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
