// SPDX-License-Identifier: GPL-2.0-or-later
// Two sections of berth.conf for one PostgreSQL server, found without a
// connection: the live databases of one were orphans of the other.
#include <boost/test/unit_test.hpp>

#include "ctl/findings.hpp"

using namespace berth;
using namespace berth::ctl;

namespace {

// The address that both lead to; empty when nothing is found.
std::string both(const std::string& first, const std::string& second) {
  Config config;
  config.file = "/etc/berth/berth.conf";
  config.clusters["db1"].conninfo = first;
  config.clusters["db2"].conninfo = second;
  const Findings found = check_clusters(config);
  if (found.empty()) return "";
  BOOST_TEST(found.size() == 1u);
  BOOST_TEST(found[0].problem);
  const std::string front = "/etc/berth/berth.conf: [cluster.db2] and "
                            "[cluster.db1] both lead to ";
  BOOST_REQUIRE_MESSAGE(found[0].text.starts_with(front), found[0].text);
  return found[0].text.substr(front.size(),
                              found[0].text.find(", and") - front.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(findings_clusters)

BOOST_AUTO_TEST_CASE(two_sections_of_one_address_are_a_problem) {
  const std::pair<std::string, std::string> same[] = {
      {"host=db1.example.com dbname=berth", "host=DB1.example.com. user=b"},
      {"host=db1.example.com", "postgresql://berth@db1.example.com:5432/berth"},
      {"host=a,db1.example.com port=5433,5432", "host=db1.example.com"},
  };
  for (const auto& [first, second] : same) {
    BOOST_TEST(both(first, second) == "db1.example.com:5432");
  }
  BOOST_TEST(both("host=db1 hostaddr=192.0.2.5", "hostaddr=192.0.2.5") ==
             "192.0.2.5:5432");
  BOOST_TEST(both("host=127.0.0.1 port=5433", "postgresql://[::1]:5433/") ==
             "localhost:5433");
  BOOST_TEST(both("user=berth", "host=/run/postgresql") ==
             "/var/run/postgresql:5432");
}

BOOST_AUTO_TEST_CASE(other_addresses_and_ports_are_none) {
  const std::pair<std::string, std::string> other[] = {
      {"host=db1", "host=db2"},
      {"host=db1 port=5432", "host=db1 port=5433"},
      {"postgresql://db1:5432/berth", "postgresql://db1:5433/berth"},
      {"host=/run/postgresql", "host=/srv/postgresql"},
      {"host=db hostaddr=192.0.2.5", "host=db hostaddr=192.0.2.6"},
      {"service=db1", "service=db2"},
      {"host=db1,db1", "host=db2"},
  };
  for (const auto& [first, second] : other) {
    BOOST_TEST(both(first, second) == "", first << " and " << second);
  }
}

BOOST_AUTO_TEST_SUITE_END()
