// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/proxy_secret.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"

using namespace berth;
using namespace berth::web;

namespace {

const std::string kSecret(64, 'a');
const std::string kFront = "ProxyFCGISetEnvIf \"true\" BERTH_SECRET \"";

bool secret_refused(const std::string& text) {
  try {
    ProxySecret::parse(text, "/etc/berth/apache.secret");
  } catch (const Error& error) {
    BOOST_TEST(std::string(error.what()).find("/etc/berth/apache.secret") !=
               std::string::npos);
    return true;
  }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(proxy_secret)

BOOST_AUTO_TEST_CASE(only_the_whole_secret_is_it) {
  const auto secret = ProxySecret::parse(kFront + kSecret + "\"\n", "x");
  BOOST_TEST(secret.is(kSecret));
  BOOST_TEST(!secret.is(""));
  BOOST_TEST(!secret.is(kSecret.substr(1)));
  BOOST_TEST(!secret.is(kSecret + "a"));
  BOOST_TEST(!secret.is(kSecret.substr(1) + "b"));
}

BOOST_AUTO_TEST_CASE(what_is_not_that_one_directive_is_refused) {
  BOOST_TEST(secret_refused(""));
  BOOST_TEST(secret_refused(kSecret));
  BOOST_TEST(secret_refused("Define BERTH_SECRET " + kSecret + "\n"));
  BOOST_TEST(secret_refused(kFront));
  BOOST_TEST(secret_refused(kFront + "\"\n"));
  BOOST_TEST(secret_refused(kFront + std::string(31, 'a') + "\"\n"));
  BOOST_TEST(secret_refused(kFront + kSecret + "\n"));
  BOOST_TEST(secret_refused(kFront + kSecret + "X\"\n"));
  BOOST_TEST(secret_refused(kFront + kSecret + "\"\n# more\n"));
}

BOOST_AUTO_TEST_SUITE_END()
