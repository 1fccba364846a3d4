// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/login.hpp"

#include <boost/test/unit_test.hpp>

#include "web/problem.hpp"

using namespace berth;
using namespace berth::web;

namespace {

Config console(const std::string& url = "https://qa.example.com/berth") {
  Config config;
  config.url = url;
  return config;
}

bool refused(const std::string& site, const std::string& origin,
             const Config& config = console()) {
  Request request;
  request.fetch_site = site;
  request.origin = origin;
  try {
    refuse_cross_site(request, config);
  } catch (const Problem& problem) {
    BOOST_TEST(problem.status() == 403);
    return true;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(login)

BOOST_AUTO_TEST_CASE(a_login_is_mapped_by_case_and_realm) {
  Config config = console();
  BOOST_TEST(map_login("Alice", config) == "alice");
  config.lower_case_logins = false;
  BOOST_TEST(map_login("Alice", config) == "Alice");
  BOOST_TEST(map_login("alice@EXAMPLE", config) == "alice@EXAMPLE");
  config.strip_realm = true;
  BOOST_TEST(map_login("alice@EXAMPLE", config) == "alice");
  BOOST_TEST(map_login("@EXAMPLE", config) == "");
  BOOST_TEST(map_login("", config) == "");
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

BOOST_AUTO_TEST_CASE(scripts_say_nothing_and_pass) {
  BOOST_TEST(!refused("", ""));
}

BOOST_AUTO_TEST_CASE(browsers_pass_from_the_consoles_own_page_only) {
  BOOST_TEST(!refused("same-origin", "https://qa.example.com"));
  BOOST_TEST(!refused("", "https://QA.example.com:443"));
  for (const char* site : {"cross-site", "same-site", "none", "x"}) {
    BOOST_TEST(refused(site, ""));
    BOOST_TEST(refused(site, "https://qa.example.com"));
  }
  for (const char* origin :
       {"null", "http://qa.example.com", "https://qa.example.com:8443",
        "https://qa.example.com.evil.org", "https://evil.org", "x",
        "https://evil.org/https://qa.example.com"}) {
    BOOST_TEST(refused("", origin));
    BOOST_TEST(refused("same-origin", origin));
  }
}

BOOST_AUTO_TEST_CASE(without_a_url_in_the_config_no_origin_is_ours) {
  BOOST_TEST(refused("", "https://qa.example.com", console("")));
  BOOST_TEST(refused("", "null", console("")));
}

BOOST_AUTO_TEST_CASE(an_origin_is_scheme_host_and_unusual_port) {
  BOOST_TEST(origin_of("http://a.b:80/x") == "http://a.b");
  BOOST_TEST(origin_of("http://a.b:8080/x?y") == "http://a.b:8080");
  BOOST_TEST(origin_of("https://a.b:443") == "https://a.b");
  BOOST_TEST(origin_of("ftp://a.b") == "");
  BOOST_TEST(origin_of("https://") == "");
}

BOOST_AUTO_TEST_SUITE_END()
