// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/child.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "store/enrolment.hpp"
#include "store/known_hosts.hpp"
#include "temporary_dir.hpp"

namespace {

using namespace berth;

const char* const kShop = R"(# a comment
{"user": "shop", "files": ["etc/shop/"], "reload": ["/bin/true"],
# another
 "error_log": "/var/log/x"})";

struct Etc {
  Etc() {
    config.folder = dir.path();
    config.paths.lib = dir / "lib";
    ApplicationConfig shop;
    shop.name = "shop";
    shop.repository = "svn://svn/shop";
    shop.kind = "svn";
    shop.root = "/srv/shop";
    shop.shared = {"media"};
    shop.servers = {"qa*"};
    config.applications["shop"] = shop;
    dir.put("guest/shop.json", kShop);
  }
  std::string refusal(const std::string& text) {
    dir.put("guest/shop.json", text);
    try {
      guest_conf_for(config, "qa1");
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  TemporaryDir dir;
  Config config;
};

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(enrolment, Etc)

BOOST_AUTO_TEST_CASE(a_guest_conf_is_both_files_and_each_key_has_one_truth) {
  const GuestConf conf = guest_conf_for(config, "qa1");
  const json::value parsed = parse_json(conf.text);
  const json::object& shop =
      parsed.at("applications").at("shop").as_object();
  BOOST_TEST(shop.at("root").as_string() == "/srv/shop");
  BOOST_TEST(shop.at("repository").as_string() == "svn://svn/shop");
  BOOST_TEST(shop.at("user").as_string() == "shop");
  BOOST_TEST(shop.at("shared").as_array().size() == 1u);
  BOOST_TEST(conf.applications.size() == 1u);
  for (const char* key : {"root", "kind", "repository", "shared"}) {
    BOOST_TEST(says(refusal(std::string("{\"") + key + "\": \"x\"}"),
                    std::string(key) + " is taken from [application.*]"));
  }
  BOOST_TEST(says(refusal("{\"prefix\": \"/x\"}"), "unknown key prefix"));
  BOOST_TEST(says(refusal("{\"user\": "), "guest/shop.json"));
  BOOST_TEST(says(refusal("[]"), "must be a JSON object"));
}

BOOST_AUTO_TEST_CASE(only_applications_that_may_be_there_are_in_it) {
  config.applications["blog"] = config.applications["shop"];
  config.applications["blog"].servers = {"web*"};
  BOOST_TEST(guest_conf_for(config, "qa1").applications.size() == 1u);
  config.applications["blog"].servers = {"*"};
  const GuestConf conf = guest_conf_for(config, "qa1");
  BOOST_TEST(conf.applications.size() == 1u);
  BOOST_TEST_REQUIRE(conf.left_out.size() == 1u);
  BOOST_TEST(says(conf.left_out[0], "blog is left out: no file "));
  BOOST_CHECK_THROW(guest_conf_for(config, "db1"), Error);
}

BOOST_AUTO_TEST_CASE(the_account_of_an_application_is_told_to_templates) {
  BOOST_TEST(guest_account_of(config, "shop")->user == "shop");
  BOOST_TEST(guest_account_of(config, "shop")->group == "shop");
  dir.put("guest/shop.json", R"({"user": "a", "group": "b"})");
  BOOST_TEST(guest_account_of(config, "shop")->group == "b");
  BOOST_TEST(!guest_account_of(config, "blog"));
  for (const char* bad : {"{}", "[", R"({"user": 1})", R"({"root": "/"})"}) {
    dir.put("guest/shop.json", bad);
    BOOST_TEST(!guest_account_of(config, "shop"));
  }
}

BOOST_AUTO_TEST_CASE(only_a_public_key_is_sent) {
  BOOST_CHECK_THROW(public_key_of(dir / "home"), Error);
  dir.put("home/.ssh/id_ed25519.pub", "ssh-ed25519 AAAA+/== me@here\nmore\n");
  BOOST_TEST(public_key_of(dir / "home") == "ssh-ed25519 AAAA+/==");
  for (const char* bad : {"", "x", "ssh-ed25519 AA\"AA x", "a\"b AAAA",
                          "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"}) {
    dir.put("home/.ssh/id_ed25519.pub", bad);
    BOOST_CHECK_THROW(public_key_of(dir / "home"), Error);
  }
}

BOOST_AUTO_TEST_CASE(the_tar_holds_what_is_installed_and_no_more) {
  dir.put("guest.d/berth-enroll", "#!/bin/bash\n");
  dir.put("guest.d/berth-guest", "#!/bin/bash\n");
  dir.put("guest.d/berth-guest.d/a.bash", "a\n");
  dir.put("guest.d/berth-guest.d/a.bash~", "old\n");
  dir.put("x.tar", enrolment_tar(dir / "guest.d",
                                 guest_conf_for(config, "qa1"),
                                 "ssh-ed25519 AAAA", ""));
  dir.put("y.tar", enrolment_tar(dir / "guest.d",
                                 guest_conf_for(config, "qa1"),
                                 "ssh-ed25519 AAAA", "10.0.0.1,2001:db8::1"));
  const RunResult from =
      run({"tar", "-xOf", dir / "y.tar", "from"}, 20000);
  BOOST_TEST(from.out == "10.0.0.1,2001:db8::1\n");
  const RunResult list = run({"tar", "-tf", dir / "x.tar"}, 20000);
  BOOST_TEST(list.out ==
             "berth-enroll\nberth-guest\nberth-guest.d/a.bash\nguest.conf\n"
             "key\n");
}

BOOST_AUTO_TEST_CASE(a_servers_lines_are_replaced_and_no_others) {
  const std::string text =
      "# a comment\nqa1 ssh-ed25519 AAAA\nqa10 ssh-ed25519 BBBB\n"
      "qa1,10.0.0.1 ssh-rsa CCCC\n|1|hash= ssh-rsa DDDD\nqa2 ssh-rsa EEEE";
  BOOST_TEST(host_keys_in(text, "qa1") ==
                 (std::vector<std::string>{"ssh-ed25519 AAAA",
                                           "ssh-rsa CCCC"}),
             boost::test_tools::per_element());
  BOOST_TEST(with_host_keys(text, "qa1", {"ssh-ed25519 NEW"}) ==
             "# a comment\nqa10 ssh-ed25519 BBBB\n|1|hash= ssh-rsa DDDD\n"
             "qa2 ssh-rsa EEEE\nqa1 ssh-ed25519 NEW\n");
  BOOST_TEST(with_host_keys("", "qa1", {}) == "");
}

BOOST_AUTO_TEST_CASE(a_key_of_another_server_is_told) {
  const std::string text =
      "# ssh-ed25519 AAAA\nqa1,10.0.0.1 ssh-ed25519 AAAA\n"
      "qa2,qa2.example ssh-rsa BBBB\n|1|hash= ssh-rsa CCCC\n";
  const auto others = [&](const std::string& server,
                          const std::vector<std::string>& keys) {
    return join(others_with_key(text, server, keys), " ");
  };
  BOOST_TEST(others("qa1", {"ssh-ed25519 AAAA"}) == "");
  BOOST_TEST(others("qa3", {"ssh-rsa X", "ssh-rsa BBBB"}) ==
             "qa2 qa2.example");
  BOOST_TEST(others("qa3", {"ssh-rsa CCCC"}) == "");
  BOOST_TEST(others("qa3", {"ssh-ed25519 BBBB"}) == "");
  BOOST_TEST(others_with_key("", "qa3", {"ssh-rsa BBBB"}).empty());
}

BOOST_AUTO_TEST_CASE(what_berth_recorded_of_its_own_server_counts_alone) {
  BOOST_TEST(known_hosts_for(config, "qa1") == dir / "known_hosts");
  dir.put("lib/known_hosts/qa1", "qa1 ssh-ed25519 AAAA\n");
  BOOST_TEST(known_hosts_for(config, "qa1") == dir / "lib/known_hosts/qa1");
  BOOST_TEST(known_hosts_for(config, "qa10") == dir / "known_hosts");
}

BOOST_AUTO_TEST_SUITE_END()
