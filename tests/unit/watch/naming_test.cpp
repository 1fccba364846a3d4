// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch/naming.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;
using namespace berth::watch;

BOOST_AUTO_TEST_SUITE(naming)

static Naming a_naming() {
  HostConfig host;
  host.name = "kvm1";
  host.servers = {"qa*", "web?"};
  host.aliases = {{"Old Box", "qa7"}};
  return Naming(host);
}

BOOST_AUTO_TEST_CASE(a_domain_that_matches_a_glob_is_a_server) {
  Naming naming = a_naming();
  BOOST_TEST(naming.server_of("qa3").value_or("") == "qa3");
  BOOST_TEST(naming.server_of("web1").value_or("") == "web1");
  BOOST_TEST(naming.server_of("qa").value_or("") == "qa");
}

BOOST_AUTO_TEST_CASE(a_domain_that_matches_nothing_is_none) {
  Naming naming = a_naming();
  BOOST_TEST(!naming.server_of("router"));
  BOOST_TEST(!naming.server_of("web10"));
  BOOST_TEST(!naming.server_of(""));
  BOOST_TEST(naming.first_mention("router"));  // and nothing was said of it
}

BOOST_AUTO_TEST_CASE(an_alias_needs_no_glob) {
  Naming naming = a_naming();
  BOOST_TEST(naming.server_of("Old Box").value_or("") == "qa7");
}

BOOST_AUTO_TEST_CASE(a_matching_name_that_is_no_server_name_is_said_once) {
  Naming naming = a_naming();
  for (const char* name : {"qa_3", "qaX", "qa 1", "qa/../x", "qa\n<0>x"}) {
    BOOST_TEST(!naming.server_of(name));
    BOOST_TEST(!naming.first_mention(name));
    BOOST_TEST(naming.why_skipped(name).find("`aliases` of [host.kvm1]") !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(only_a_matching_name_that_is_no_server_name_is_skipped) {
  const Naming naming = a_naming();
  for (const char* name : {"qa3", "Old Box", "router", "web10", ""}) {
    BOOST_TEST(naming.why_skipped(name) == "", name);
  }
  for (const std::string& name : {std::string("qa 3"), std::string("qa%41"),
                                  "qa" + std::string(30, 'x')}) {
    BOOST_TEST(naming.why_skipped(name) != "", name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
