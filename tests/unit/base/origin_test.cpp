// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/origin.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

BOOST_AUTO_TEST_SUITE(origin)

BOOST_AUTO_TEST_CASE(an_origin_is_scheme_host_and_port) {
  const Origin plain{"http", "a.b", 80};
  BOOST_TEST((origin_of("http://a.b:80/x") == plain));
  BOOST_TEST((origin_of("HTTP://A.b") == plain));
  BOOST_TEST((origin_of("http://a.b?x") == plain));
  BOOST_TEST((origin_of("http://a.b:8080/x?y") == Origin{"http", "a.b", 8080}));
  BOOST_TEST((origin_of("https://a.b#x") == Origin{"https", "a.b", 443}));
  BOOST_TEST((origin_of("http://[::1]/") == Origin{"http", "[::1]", 80}));
  BOOST_TEST((origin_of("http://[::1]:81") == Origin{"http", "[::1]", 81}));
}

BOOST_AUTO_TEST_CASE(what_is_no_origin_is_none) {
  for (const char* url :
       {"", "null", "a.b", "ftp://a.b", "https://", "http:///x", "http://:80",
        "http://a.b:", "http://a.b:0", "http://a.b:65536", "http://a.b:8 0",
        "http://a.b:+80", "http://a b", "http://a@b", "http://a.b:80@c.d/",
        "http://a.b\\c.d", "http://::1", "http://[::1", "http://[a.b]x",
        "http://a.b,c.d", "javascript://a.b", "x https://a.b"}) {
    BOOST_TEST(!origin_of(url).has_value(), url);
  }
}

BOOST_AUTO_TEST_CASE(a_host_header_is_compared_with_its_schemes_port) {
  const auto https = origin_of("https://qa.example.com/berth");
  for (const char* same : {"qa.example.com", "QA.Example.COM",
                           "qa.example.com:443"}) {
    BOOST_TEST((origin_of_host("https", same) == https), same);
  }
  for (const char* other :
       {"", "qa.example.com:80", "qa.example.com:8443", "qa.example.com.",
        "qa.example.com, evil.org", "qa.example.com@evil.org", "qa", " "}) {
    BOOST_TEST((origin_of_host("https", other) != https), other);
  }
}

BOOST_AUTO_TEST_SUITE_END()
