// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clock.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

BOOST_AUTO_TEST_SUITE(clocks)

BOOST_AUTO_TEST_CASE(instants_go_to_text_and_back) {
  const Instant at = 1795375623;
  BOOST_TEST(rfc3339(at) == "2026-11-22T19:27:03Z");
  BOOST_TEST(parse_rfc3339("2026-11-22T19:27:03Z").value() == at);
  BOOST_TEST(parse_rfc3339("2026-11-22T19:27:03.125Z").value() == at);
  // A host that says the year 10000, or a time before 1970.
  BOOST_TEST(rfc3339(kLastInstant) == "9999-12-31T23:59:59Z");
  BOOST_TEST(rfc3339(kLastInstant + 1) == "9999-12-31T23:59:59Z");
  BOOST_TEST(rfc3339(-1) == "1970-01-01T00:00:00Z");
  BOOST_TEST(rfc3339_ms(-1) == "1970-01-01T00:00:00.000Z");
  BOOST_TEST(rfc3339_ms(at * 1000 + 7) == "2026-11-22T19:27:03.007Z");
  BOOST_TEST(generation_name(at) == "20261122192703");
  BOOST_TEST(parse_generation("20261122192703").value() == at);
}

BOOST_AUTO_TEST_CASE(what_is_no_instant_is_refused) {
  for (const char* text :
       {"", "2026-11-22", "2026-02-31T00:00:00Z", "2026-11-22T24:00:00Z",
        "2026-11-22T19:27:03", "2026-11-22T19:27:03+00:00",
        "x026-11-22T19:27:03Z", "1969-01-01T00:00:00Z"}) {
    BOOST_TEST(!parse_rfc3339(text).has_value(), text);
  }
  BOOST_TEST(!parse_generation("20260231000000").has_value());
}

BOOST_AUTO_TEST_CASE(durations_and_sizes_have_units) {
  BOOST_TEST(parse_duration("8h").value() == 28800);
  BOOST_TEST(parse_duration("5d").value() == 432000);
  BOOST_TEST(parse_size("20G").value() == 20ll << 30);
  BOOST_TEST(parse_size("100").value() == 100);
  for (const char* text : {"", "h", "8", "-1h", "8 h", "99999999999999h"}) {
    BOOST_TEST(!parse_duration(text).has_value(), text);
  }
  BOOST_TEST(!parse_size("999999999999T").has_value());
}

BOOST_AUTO_TEST_SUITE_END()
