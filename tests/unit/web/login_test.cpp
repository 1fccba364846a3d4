// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/login.hpp"

#include <boost/test/unit_test.hpp>

#include "web/problem.hpp"

using namespace berth;
using namespace berth::web;

namespace {

Config console() {
  Config config;
  config.url = "https://qa.example.com/berth";
  return config;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(login)

BOOST_AUTO_TEST_CASE(a_login_is_mapped_by_case_and_realm) {
  Config config = console();
  BOOST_TEST(map_login("Alice", config) == "alice");
  config.lower_case_logins = false;
  BOOST_TEST(map_login("Alice", config) == "Alice");
  BOOST_TEST(map_login("alice@EXAMPLE", config) == "alice@EXAMPLE");
  config.login_realm = "EXAMPLE.COM";
  BOOST_TEST(map_login("alice@EXAMPLE.COM", config) == "alice");
  BOOST_TEST(map_login("alice@example.com", config) == "alice");
  BOOST_TEST(map_login("alice", config) == "alice");
  BOOST_TEST(map_login("@EXAMPLE.COM", config) == "");
  BOOST_TEST(map_login("", config) == "");
}

// The owner of any realm that the login server trusts could be anybody.
BOOST_AUTO_TEST_CASE(a_login_of_another_realm_is_403_that_names_the_one) {
  Config config = console();
  config.login_realm = "EXAMPLE.COM";
  for (const char* login :
       {"alice@EVIL.ORG", "alice@EXAMPLE.COM.EVIL.ORG", "alice@", "alice@COM",
        "alice@EVIL.ORG@EXAMPLE.COM", "alice@EXAMPLE.COM@EVIL.ORG",
        "EXAMPLE\\alice", "root@EXAMPLE.COM", "Berth@example.com"}) {
    try {
      const std::string user = map_login(login, config);
      BOOST_FAIL(std::string(login) + " is " + user);
    } catch (const Problem& problem) {
      BOOST_TEST(problem.status() == 403);
      BOOST_TEST(std::string(problem.what()).find("the login '") == 0u);
    }
  }
  try {
    map_login("alice@EVIL.ORG", config);
    BOOST_FAIL("taken");
  } catch (const Problem& problem) {
    const std::string text = problem.what();
    BOOST_TEST(text.find("EVIL.ORG") != std::string::npos);
    BOOST_TEST(text.find("EXAMPLE.COM") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_windows_domain_is_mapped_where_it_is_named) {
  Config config = console();
  BOOST_CHECK_THROW(map_login("EXAMPLE\\alice", config), Problem);
  config.login_domain = "EXAMPLE";
  BOOST_TEST(map_login("Example\\Alice", config) == "alice");
  BOOST_TEST(map_login("EXAMPLE\\", config) == "");
  for (const char* login : {"EVIL\\alice", "\\alice", "EXAMPLE\\x\\alice",
                            "EXAMPLE\\root"}) {
    BOOST_CHECK_THROW(map_login(login, config), Problem);
  }
}

BOOST_AUTO_TEST_CASE(a_login_that_is_no_user_name_is_403) {
  for (const char* name : {"a b", "a/b", "../x", "-x", "a\nb", "ä"}) {
    BOOST_CHECK_THROW(map_login(name, console()), Problem);
  }
  // Those are berthctl and berthd themselves.
  for (const char* name : {"root", "berth", "Berth"}) {
    BOOST_CHECK_THROW(map_login(name, console()), Problem);
  }
  BOOST_CHECK_THROW(map_login(std::string(65, 'a'), console()), Problem);
}

BOOST_AUTO_TEST_SUITE_END()
