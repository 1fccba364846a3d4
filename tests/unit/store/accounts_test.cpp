// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/accounts.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "store/enrolment.hpp"
#include "temporary_dir.hpp"

namespace {

using namespace berth;

Accounts shop_accounts() { return {"shop", "/srv/shop", "shop", "shop", {}}; }
Accounts blog_accounts() { return {"blog", "/srv/blog", "blog", "blog", {}}; }

std::string clash_of(const Accounts& a, const Accounts& b) {
  return clash_among({a, b}).value_or("");
}

bool tells(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

// What berth-guest has instead: each piece of a sentence is in its program.
std::string program_of_the_guest() {
  std::ifstream file("sbin/guest/berth-guest.d/config.bash");
  std::stringstream out;
  out << file.rdbuf();
  return out.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(accounts)

BOOST_AUTO_TEST_CASE(each_application_has_accounts_and_a_root_of_its_own) {
  BOOST_TEST(clash_of(shop_accounts(), blog_accounts()) == "");
  Accounts other = blog_accounts();
  other.user = "shop";
  BOOST_TEST(tells(clash_of(shop_accounts(), other),
                   "shop and blog both have the user or group shop, so that "
                   "each can read"));
  other = blog_accounts();
  other.group = "shop";
  BOOST_TEST(tells(clash_of(shop_accounts(), other),
                   "both have the user or group shop"));
  BOOST_TEST(tells(clash_of(other, shop_accounts()),
                   "both have the user or group shop"));
  other.group = "www-data";
  BOOST_TEST(tells(clash_of(shop_accounts(), other),
                   "www-data is the account of Apache"));
  BOOST_TEST(!clash_among({other}));  // a guest to itself
  for (const char* root : {"/srv/shop", "/srv/shop/a/b", "/srv"}) {
    other = blog_accounts();
    other.root = root;
    BOOST_TEST(tells(clash_of(shop_accounts(), other),
                     "the root of one is in that of the other"),
               root);
  }
  other.root = "/srv/shop-blog";
  BOOST_TEST(clash_of(shop_accounts(), other) == "");
}

BOOST_AUTO_TEST_CASE(accounts_of_other_programs_are_refused) {
  for (const char* name :
       {"root", "berth", "berth-filter", "nobody", "nogroup"}) {
    Accounts one = shop_accounts();
    one.user = name;
    BOOST_TEST(tells(*clash_among({one}), std::string(name) + " cannot be the "
                                         "user or group of an application"));
    one = shop_accounts();
    one.group = name;
    BOOST_TEST(clash_among({one}).has_value());
  }
}

BOOST_AUTO_TEST_CASE(two_that_name_each_other_may_share) {
  Accounts one = shop_accounts(), other = blog_accounts();
  other.user = other.group = "shop";
  one.together = {"blog"};
  BOOST_TEST(clash_of(one, other) != "");
  other.together = {"shop"};
  BOOST_TEST(clash_of(one, other) == "");
  other.root = one.root;
  BOOST_TEST(clash_of(one, other) != "");
}

BOOST_AUTO_TEST_CASE(the_guest_says_the_same) {
  const std::string guest = program_of_the_guest();
  BOOST_REQUIRE(guest.size() > 1000u);
  for (const char* words :
       {"the root of one is in that of the other",
        "both have the user or group ",
        "so that each can read the secrets of the other: give ",
        "name each in \\\"together\\\" of the other",
        "www-data is the account of Apache, so that each site can ",
        "read what is its own: give each application its own user and group, ",
        "cannot be the user or group of an ", "other programs have it",
        "IN(\"root\", \"berth\", \"berth-filter\", \"nobody\","}) {
    BOOST_TEST(tells(guest, words), words);
  }
}

BOOST_AUTO_TEST_CASE(enrolling_and_check_refuse_them_where_they_can_meet) {
  TemporaryDir dir;
  Config config;
  config.folder = dir.path();
  for (const char* name : {"blog", "shop"}) {
    ApplicationConfig& a = config.applications[name];
    a.name = name;
    a.kind = "svn";
    a.repository = "svn://svn/" + a.name;
    a.root = "/srv/" + a.name + "/";
    a.servers = {"qa*"};
    dir.put("guest/" + a.name + ".json", R"({"user": "web"})");
  }
  const auto refused = [&] {
    try {
      guest_conf_for(config, "qa1");
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  BOOST_TEST(tells(refused(), "blog and shop both have the user or group web"));
  BOOST_TEST_REQUIRE(guest_file_problems(config).size() == 1u);
  BOOST_TEST(tells(guest_file_problems(config)[0], "blog and shop both have"));
  config.applications["blog"].servers = {"db*"};
  BOOST_TEST(refused() == "");
  BOOST_TEST(guest_file_problems(config).size() == 0u);
  config.applications["blog"].servers = {"qa7"};
  BOOST_TEST(guest_file_problems(config).size() == 1u);
  dir.put("guest/blog.json", R"({"user": "web", "together": ["shop"]})");
  dir.put("guest/shop.json", R"({"user": "web", "together": ["blog"]})");
  BOOST_TEST(guest_file_problems(config).size() == 0u);
  config.applications["blog"].root = "/srv/shop//a/../b/";
  BOOST_TEST(guest_file_problems(config).size() == 1u);
  dir.put("guest/blog.json", R"({"user": "nobody"})");
  BOOST_TEST(tells(guest_file_problems(config)[0], "nobody cannot be the user"));
}

BOOST_AUTO_TEST_SUITE_END()
