// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/address.hpp"

#include <boost/test/unit_test.hpp>

#include "web/problem.hpp"

using namespace berth;
using namespace berth::web;

namespace {

Config two_addresses() {
  Config config;
  config.url = "https://qa.example.com/berth";
  config.urls = {"http://[::1]:8080/berth"};
  return config;
}

// 0: it passes.
template <class Check>
int status_after(Check check, const Request& request,
                 const Config& config = two_addresses()) {
  try {
    check(request, config);
  } catch (const Problem& problem) {
    return problem.status();
  }
  return 0;
}

int asked_at(const std::string& host, const std::string& site) {
  Request request;
  request.host = host;
  request.site = site;
  return status_after(refuse_other_address, request);
}

int from_page(const std::string& fetch_site, const std::string& origin,
              const std::string& referer = "",
              const Config& config = two_addresses()) {
  Request request;
  request.fetch_site = fetch_site;
  request.origin = origin;
  request.referer = referer;
  return status_after(refuse_cross_site, request, config);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_AUTO_TEST_CASE(the_consoles_addresses_are_answered_and_no_other) {
  BOOST_TEST(asked_at("qa.example.com", "qa.example.com") == 0);
  BOOST_TEST(asked_at("QA.example.com:443", "QA.example.com") == 0);
  BOOST_TEST(asked_at("[::1]:8080", "[::1]") == 0);
  for (const char* host :
       {"", "wiki.example.com", "qa.example.com:80", "qa.example.com:8080",
        "[::1]", "[::1]:443", "qa.example.com.", "127.0.0.1", "localhost",
        "qa.example.com evil.org", "evil.org/qa.example.com"}) {
    BOOST_TEST(asked_at(host, "qa.example.com") == 421, host);
  }
}

// A wiki's site that is the default one, or has ServerAlias *, gets what is
// sent to the console's name and has none of its own.
BOOST_AUTO_TEST_CASE(another_site_that_answers_to_the_consoles_host_is_421) {
  for (const char* site : {"", "wiki.example.com", "127.0.1.1", "[::2]",
                           "qa.example.com.evil.org"}) {
    BOOST_TEST(asked_at("qa.example.com", site) == 421, site);
  }
}

BOOST_AUTO_TEST_CASE(the_message_names_the_address_and_what_to_do) {
  Request request;
  request.host = "wiki\x1b.example.com";
  Config config;
  config.url = "http://localhost/berth";
  try {
    refuse_other_address(request, config);
    BOOST_FAIL("it passes");
  } catch (const Problem& problem) {
    const std::string text = problem.what();
    for (const char* part : {"http://localhost/berth", "wiki\\x1b", "urls",
                             "berth.conf"}) {
      BOOST_TEST(text.find(part) != std::string::npos, text);
    }
  }
}

BOOST_AUTO_TEST_CASE(without_an_address_in_the_config_nothing_is_ours) {
  Request request;
  request.host = request.site = "qa.example.com";
  BOOST_TEST(status_after(refuse_other_address, request, Config{}) == 421);
  BOOST_TEST(from_page("", "https://qa.example.com", "", Config{}) == 403);
  BOOST_TEST(from_page("", "null", "", Config{}) == 403);
}

BOOST_AUTO_TEST_CASE(scripts_say_nothing_and_pass) {
  BOOST_TEST(from_page("", "", "") == 0);
}

BOOST_AUTO_TEST_CASE(browsers_pass_from_the_consoles_own_page_only) {
  BOOST_TEST(from_page("same-origin", "https://qa.example.com",
                       "https://qa.example.com/berth/") == 0);
  BOOST_TEST(from_page("", "https://QA.example.com:443") == 0);
  BOOST_TEST(from_page("", "http://[::1]:8080") == 0);
  for (const char* site : {"cross-site", "same-site", "none", "x"}) {
    BOOST_TEST(from_page(site, "") == 403);
    BOOST_TEST(from_page(site, "https://qa.example.com") == 403);
  }
  for (const char* origin :
       {"null", "http://qa.example.com", "https://qa.example.com:8443",
        "https://qa.example.com.evil.org", "https://evil.org", "x",
        "https://evil.org/https://qa.example.com",
        "https://qa.example.com@evil.org"}) {
    BOOST_TEST(from_page("", origin) == 403);
    BOOST_TEST(from_page("same-origin", origin) == 403);
    // A browser that sends neither of the others sends this.
    BOOST_TEST(from_page("", "", origin) == 403);
  }
  BOOST_TEST(from_page("", "", "https://qa.example.com/berth/#/jobs") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
