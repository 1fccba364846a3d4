// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/base64.hpp"

#include <boost/test/unit_test.hpp>

using namespace berth;

BOOST_AUTO_TEST_SUITE(base64)

BOOST_AUTO_TEST_CASE(base64_is_as_everybody_writes_it) {
  BOOST_TEST(to_base64("") == "");
  BOOST_TEST(to_base64("a") == "YQ==");
  BOOST_TEST(to_base64("ab") == "YWI=");
  BOOST_TEST(to_base64("abc") == "YWJj");
  BOOST_TEST(to_base64(std::string("\xff\xef\x00", 3)) == "/+8A");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    BOOST_TEST(from_base64(to_base64(bytes)).value() == bytes);
    bytes += static_cast<char>(i * 7);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_base64_is_refused) {
  for (const char* bad : {"YQ", "YQ=", "Y!==", "====", "YQ==YQ==", "YW-_",
                          "YWJj\n", "Y Q="}) {
    BOOST_TEST(!from_base64(bad).has_value(), bad);
  }
}

BOOST_AUTO_TEST_SUITE_END()
