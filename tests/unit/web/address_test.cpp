// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/address.hpp"

#include <boost/test/unit_test.hpp>

#include "web/cgi.hpp"
#include "web/problem.hpp"

using namespace berth;
using namespace berth::web;

namespace {

constexpr const char* kSite = "https://qa.example.com:443";

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

int asked_at(const std::string& host, const std::string& site,
             const Config& config = two_addresses()) {
  Request request;
  request.host = host;
  request.site = site;
  return status_after(refuse_other_address, request, config);
}

// The site as a web server's variables say it.
std::string site_of(Cgi cgi,
                    const std::map<std::string, std::string>& variables) {
  for (const auto& [name, value] : variables) cgi.variables[name] = value;
  return cgi.request().site;
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
  BOOST_TEST(asked_at("qa.example.com", kSite) == 0);
  BOOST_TEST(asked_at("QA.example.com:443", "https://QA.example.com:443") == 0);
  BOOST_TEST(asked_at("[::1]:8080", "http://[::1]:8080") == 0);
  for (const char* host :
       {"", "wiki.example.com", "qa.example.com:80", "qa.example.com:8080",
        "[::1]", "[::1]:443", "qa.example.com.", "127.0.0.1", "localhost",
        "qa.example.com evil.org", "evil.org/qa.example.com"}) {
    BOOST_TEST(asked_at(host, kSite) == 421, host);
  }
}

// A wiki's site that is the default one, or has ServerAlias *, gets what is
// sent to the console's name and has none of its own.
BOOST_AUTO_TEST_CASE(another_site_that_answers_to_the_consoles_host_is_421) {
  for (const char* site :
       {"", "http://:", "https://:443", "https://wiki.example.com:443",
        "https://127.0.1.1:443", "https://[::2]:443",
        "https://qa.example.com.evil.org:443", "https://qa.example.com:x",
        "https://qa.example.com:", "https://qa.example.com:80:443"}) {
    BOOST_TEST(asked_at("qa.example.com", site) == 421, site);
  }
}

// A wiki on another port of the same machine, or without TLS.
BOOST_AUTO_TEST_CASE(the_same_name_with_another_port_or_scheme_is_421) {
  for (const char* site :
       {"https://qa.example.com:8443", "http://qa.example.com:443",
        "http://qa.example.com:80", "http://qa.example.com:8080",
        "http://[::1]:80", "https://[::1]:8080"}) {
    BOOST_TEST(asked_at("qa.example.com", site) == 421, site);
  }
}

BOOST_AUTO_TEST_CASE(behind_a_tls_proxy_the_named_virtual_hosts_answer_alone) {
  Config config = two_addresses();
  config.virtual_hosts = {"http://qa.example.com:8080"};
  BOOST_TEST(asked_at("qa.example.com", "http://qa.example.com:8080",
                      config) == 0);
  for (const char* site : {"https://qa.example.com:443", "http://[::1]:8080",
                           "http://qa.example.com:80"}) {
    BOOST_TEST(asked_at("qa.example.com", site, config) == 421, site);
  }
  // What people ask for is the public address all the same.
  BOOST_TEST(asked_at("qa.example.com:8080", "http://qa.example.com:8080",
                      config) == 421);
}

BOOST_AUTO_TEST_CASE(a_site_is_its_scheme_name_and_port) {
  BOOST_TEST(site_of(get("/me"), {}) == "http://localhost:80");
  BOOST_TEST(site_of(get("/me"), {{"HTTPS", "on"}, {"SERVER_PORT", "443"}}) ==
             "https://localhost:443");
  // HTTPS is often made of a header that a client can send.
  BOOST_TEST(site_of(get("/me"), {{"REQUEST_SCHEME", "http"},
                                  {"HTTPS", "on"}}) == "http://localhost:80");
  BOOST_TEST(site_of(get("/me"), {{"REQUEST_SCHEME", "https"},
                                  {"SERVER_NAME", "[::1]"},
                                  {"SERVER_PORT", "8443"}}) ==
             "https://[::1]:8443");
}

BOOST_AUTO_TEST_CASE(the_message_names_the_address_and_what_to_do) {
  Request request;
  request.host = "wiki\x1b.example.com";
  Config config;
  config.url = "http://localhost/berth";
  config.virtual_hosts = {"http://inner.example.com"};
  const auto says = [&](std::initializer_list<const char*> parts) {
    try {
      refuse_other_address(request, config);
      BOOST_FAIL("it passes");
    } catch (const Problem& problem) {
      const std::string text = problem.what();
      for (const char* part : parts) {
        BOOST_TEST(text.find(part) != std::string::npos, text);
      }
      BOOST_TEST(text.find("inner") == std::string::npos, text);
    }
  };
  says({"http://localhost/berth", "wiki\\x1b", "urls", "berth.conf"});
  request.host = "localhost";
  request.site = "http://localhost:8080";
  says({"http://localhost/berth", "'http://localhost:8080'", "virtual_hosts",
        "ServerName"});
}

BOOST_AUTO_TEST_CASE(without_an_address_in_the_config_nothing_is_ours) {
  Request request;
  request.host = "qa.example.com";
  request.site = kSite;
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
