// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/ssh_hosts.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth::watch;

BOOST_AUTO_TEST_SUITE(ssh_hosts)

BOOST_AUTO_TEST_CASE(the_first_host_name_that_fits_is_the_address) {
  SshHosts hosts("");
  hosts.parse(
      "# guests\n"
      "Host qa1 qa2\n  HostName qa1.example.com\n"
      "host=qa3\n\tHOSTNAME 10.0.0.3\n  Port 2222\n"
      "Match host qa4\n  HostName no.example.com\n"
      "Host !qa5 qa*\n  HostName %h.example.com\n");
  const auto address = [&](const char* server) {
    const auto found = hosts.address_of(server);
    return found.empty() ? std::string("none") : found[0];
  };
  BOOST_TEST(address("qa1") == "qa1.example.com");
  BOOST_TEST(address("qa2") == "qa1.example.com");
  BOOST_TEST(address("qa3") == "10.0.0.3");
  BOOST_TEST(address("qa4") == "qa4.example.com");
  BOOST_TEST(address("qa5") == "none");
  hosts.parse("HostName everywhere\nHost *\nHostName 127.0.0.1\n");
  BOOST_TEST(address("qa1") == "everywhere");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_says_nothing) {
  SshHosts hosts("/nonexistent/ssh_config");
  hosts.read();
  BOOST_TEST(hosts.address_of("qa1").empty());
}

BOOST_AUTO_TEST_SUITE_END()
