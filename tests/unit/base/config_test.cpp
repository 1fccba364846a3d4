// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/config.hpp"

#include <array>
#include <boost/test/unit_test.hpp>

#include "base/text.hpp"
#include "temporary_dir.hpp"

using namespace berth;

namespace {

const char kGood[] = R"([console]
title = "QA test servers"
url = "https://qa.example.com/berth/"
default_hold = "8h"
longest_hold = "5d"
admins = ["alice", "%no-such-group"]
login_case = "lower"

[host.kvm1]
uri = "qemu:///system"
servers = "qa*"
aliases = { "Old Box" = "qa77" }

[cluster.db1]
conninfo = "host=db1.example.com sslmode=verify-full user=berth"
copies = 1
disk_floor = "20G"

[application.shop]
repository = "svn://svn.example.com/shop/"
kind = "svn"
cluster = "db1"
database = "shop_{server}"
owner = "shop"
dump = "backup.example.com:/srv/backup/shop.dmp"
spares = 2
undo = "1h"
root = "/srv/shop"
shared = ["media"]
url = "http://{server}.qa.example.com/"
verify = { path = "/", status = 200, contains = "Shop" }

[application.shop.set]
DEBUG = true
LIMIT = 5
)";

std::string problems(const TemporaryDir& dir) {
  try {
    load_config(dir / "berth.conf");
    return "";
  } catch (const ConfigError& e) {
    return e.what();
  }
}

std::string with(std::string text, const std::string& from,
                 const std::string& to) {
  const auto at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(the_example_of_the_manual_is_good) {
  TemporaryDir dir;
  dir.put("berth.conf", kGood);
  const Config c = load_config(dir / "berth.conf");
  BOOST_TEST(c.folder == dir.path());
  BOOST_TEST(c.url == "https://qa.example.com/berth");
  BOOST_TEST(c.longest_hold == 432000);
  BOOST_TEST(c.is_admin("alice"));
  BOOST_TEST(!c.is_admin("bob"));
  BOOST_TEST(c.paths.spool == "/var/spool/berth");
  const auto& shop = c.applications.at("shop");
  BOOST_TEST(shop.repository == "svn://svn.example.com/shop");
  BOOST_TEST(shop.database_on("qa-10") == "shop_qa_10");
  BOOST_TEST(shop.url_on("qa1") == "http://qa1.qa.example.com/");
  BOOST_TEST(std::get<bool>(shop.set.at("DEBUG")));
  BOOST_TEST(std::get<std::int64_t>(shop.set.at("LIMIT")) == 5);
  BOOST_TEST(c.hosts.at("kvm1").aliases.at("Old Box") == "qa77");
}

BOOST_AUTO_TEST_CASE(an_application_has_the_databases_of_servers_and_a_place) {
  TemporaryDir dir;
  dir.put("berth.conf", with(kGood, "servers = \"qa*\"",
                             "servers = [\"qa*\", \"old-*\"]"));
  Config c = load_config(dir / "berth.conf");
  ApplicationConfig shop = c.applications.at("shop");
  BOOST_TEST(shop.place == dir / "berth.conf:19:1");
  for (const char* its : {"shop_qa1", "shop_qa77", "shop_old_1"}) {
    BOOST_TEST(c.may_have(shop, its), its);
  }
  for (const char* other : {"shop_", "shop_production", "blog_qa1", "shop",
                            "shop_old1", ""}) {
    BOOST_TEST(!c.may_have(shop, other), other);
  }
  c.hosts.at("kvm1").servers = {"none"};
  BOOST_TEST(c.may_have(shop, "shop_qa77"));  // by its alias
  BOOST_TEST(!c.may_have(shop, "shop_qa1"));
  shop.database.clear();
  BOOST_TEST(!c.may_have(shop, "shop_qa77"));
}

BOOST_AUTO_TEST_CASE(all_problems_are_told_at_once_with_line_and_column) {
  TemporaryDir dir;
  std::string text = with(kGood, "copies = 1", "copies = 0\n  copeis = 1");
  text = with(text, "kind = \"svn\"", "kind = \"cvs\"");
  text = with(text, "default_hold = \"8h\"", "default_hold = \"8 hours\"");
  dir.put("berth.conf", text);
  const std::string told = problems(dir);
  BOOST_TEST_CONTEXT(told) {
    BOOST_TEST(told.find("berth.conf:4:16: [console] default_hold") !=
               std::string::npos);
    BOOST_TEST(told.find(":16:10: [cluster.db1] copies") != std::string::npos);
    BOOST_TEST(told.find(":17:3: [cluster.db1] unknown key 'copeis'") !=
               std::string::npos);
    BOOST_TEST(told.find("kind: must be one of svn, git") !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_address_of_the_console_is_an_origin_and_a_path) {
  TemporaryDir dir;
  const std::string url = "url = \"https://qa.example.com/berth/\"\n";
  dir.put("berth.conf", with(kGood, url, url + "urls = 'http://[::1]:81/b'\n"));
  BOOST_TEST(load_config(dir / "berth.conf").urls.at(0) == "http://[::1]:81/b");
  for (const char* bad : {"qa.example.com", "ftp://x", "https://", "http://:80",
                          "http://alice@x/berth", "http://x:0/berth"}) {
    dir.put("berth.conf", with(kGood, "https://qa.example.com/berth/", bad));
    BOOST_TEST(problems(dir).find("[console] url: ") != std::string::npos, bad);
    dir.put("berth.conf", with(kGood, url, url + "urls = ['http://x', '" +
                                               bad + "']\n"));
    BOOST_TEST(problems(dir).find("[console] urls: ") != std::string::npos,
               bad);
  }
}

BOOST_AUTO_TEST_CASE(a_realm_is_named_and_strip_says_what_to_write) {
  TemporaryDir dir;
  const auto said = [&](const std::string& line) {
    dir.put("berth.conf", with(kGood, "login_case = \"lower\"\n", line + "\n"));
    return problems(dir);
  };
  BOOST_TEST(said("login_realm = 'EXAMPLE.COM'\nlogin_domain = 'EX'") == "");
  BOOST_TEST(load_config(dir / "berth.conf").login_realm == "EXAMPLE.COM");
  BOOST_TEST(said("login_realm = 'keep'") == "");
  BOOST_TEST(load_config(dir / "berth.conf").login_realm == "");
  BOOST_TEST(said("login_realm = 'strip'").find("login_realm = "
                                                "\"EXAMPLE.COM\"") !=
             std::string::npos);
  for (const char* bad : {"login_realm = '@EXAMPLE.COM'", "login_domain = 'A B'",
                          "login_domain = 'EXAMPLE\\'",
                          "password_file = 'users'", "most_waiting = 0",
                          "most_a_minute = 0"}) {
    BOOST_TEST(said(bad).find("[console] ") != std::string::npos, bad);
  }
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named) {
  TemporaryDir dir;
  dir.put("berth.conf", with(kGood, "uri = \"qemu:///system\"\n", ""));
  BOOST_TEST(problems(dir).find("[host.kvm1] uri is missing") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(two_applications_with_one_database_pattern_are_refused) {
  TemporaryDir dir;
  dir.put("berth.conf", kGood);
  dir.put("conf.d/more.conf",
          "[application.shop2]\nrepository='svn://x/y'\nkind='svn'\n"
          "cluster='db1'\ndatabase='shop_{server}'\nowner='shop'\n"
          "root='/srv/shop2'\n");
  BOOST_TEST(problems(dir).find("has the same pattern") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(patterns_of_two_applications_that_can_meet_are_refused) {
  TemporaryDir dir;
  const auto told = [&](const std::string& hosts, const std::string& database,
                        const std::string& more = "") {
    dir.put("berth.conf", with(kGood, "servers = \"qa*\"", hosts));
    dir.put("conf.d/more.conf",
            "[application.zoo]\nrepository='svn://x/y'\nkind='svn'\n"
            "cluster='db1'\nowner='zoo'\nroot='/srv/zoo'\n"
            "database='" + database + "'\n" + more);
    return problems(dir);
  };
  const std::string any = "servers = \"*\"";
  BOOST_TEST(told(any, "shop_x_{server}") ==
             dir / "conf.d/more.conf:1:1: [application.zoo] database: "
                   "[application.shop] could also have shop_x_a; set "
                   "another pattern, or other `servers` in one of them");
  for (const char* meets : {"shop_{server}_x", "shop_a_{server}_b", "{server}",
                            "s{server}", "{server}_qa1", "{server}_{server}"}) {
    BOOST_TEST(told(any, meets) != "", meets);
  }
  for (const char* apart : {"shop2_{server}", "blog_{server}",
                            "shop_9{server}", "shop__{server}"}) {
    BOOST_TEST(told(any, apart) == "", apart);
  }
  // No server qa* of shop has a name with test_ in front.
  BOOST_TEST(told("servers = \"qa*\"", "shop_test_{server}") == "");
  BOOST_TEST(told("servers = \"qa*\"", "shop_qa_{server}") != "");
  BOOST_TEST(told("servers = \"qa?\"", "shop_qa_{server}") == "");
  BOOST_TEST(told("servers = [\"qa?\", \"qa-*\"]", "shop_qa_{server}") != "");
  BOOST_TEST(told("servers = [\"qa?\", \"qa-*\"]", "shop_qa_{server}",
                  "servers = 'b*'\n") == "");
}

BOOST_AUTO_TEST_CASE(a_name_defined_in_two_files_is_refused) {
  TemporaryDir dir;
  dir.put("berth.conf", kGood);
  dir.put("conf.d/more.conf", "[host.kvm1]\nuri='x:///'\nservers='a*'\n");
  dir.put("conf.d/ignored.txt", "]]]");
  const std::string told = problems(dir);
  BOOST_TEST(told.find("conf.d/more.conf:1:1: [host.kvm1] defined twice") !=
             std::string::npos, told);
}

BOOST_AUTO_TEST_CASE(a_database_pattern_that_could_meet_ours_is_refused) {
  TemporaryDir dir;
  for (const char* bad : {"shop", "berth_{server}", "Shop_{server}",
                          "s\\\"; drop_{server}"}) {
    dir.put("berth.conf", with(kGood, "\"shop_{server}\"",
                               std::string("\"") + bad + "\""));
    BOOST_TEST(problems(dir).find("database:") != std::string::npos, bad);
  }
}

BOOST_AUTO_TEST_CASE(a_password_in_conninfo_is_refused) {
  TemporaryDir dir;
  const std::string good =
      "host=db1.example.com sslmode=verify-full user=berth";
  for (const auto& [conninfo, refused] :
       {std::pair{"host=db1 password=x", true},
        std::pair{"postgresql://berth:x@db1/berth", true},
        std::pair{"postgresql://berth@db1:5432/berth", false}}) {
    dir.put("berth.conf", with(kGood, good, conninfo));
    const bool told = problems(dir).find("contains a password") !=
                      std::string::npos;
    BOOST_TEST(told == refused, conninfo);
  }
}

// The password went in clear to whoever answered at the cluster's address.
BOOST_AUTO_TEST_CASE(a_cluster_elsewhere_must_prove_who_it_is) {
  TemporaryDir dir;
  const std::string good =
      "host=db1.example.com sslmode=verify-full user=berth";
  for (const auto& [conninfo, refused] : std::vector<std::pair<const char*,
                                                               bool>>{
           {"host=db1", true},
           {"host=db1 sslmode=verify-ca", true},
           {"host=db1 sslmode=require sslrootcert=/etc/ssl/certs/x", true},
           {"host = 'db1' sslmode = 'verify-full'", false},
           {"user=berth host='db\\\\'1 sslmode=verify-full'", true},
           {"hostaddr=192.0.2.1 sslmode=prefer", true},
           {"host=db1 hostaddr=127.0.0.1", false},
           {"host=localhost hostaddr=192.0.2.1", true},
           {"host=localhost,db1", true},
           {"host=127.0.0.1,/run/postgresql", false},
           {"host=127.0.0.1.example.com", true},
           {"host=::1", false},
           {"dbname=berth", false},
           {"host=@hidden", false},
           {"postgresql://berth@db1/berth", true},
           {"postgres://berth@db1/berth?sslmode=verify-full", false},
           {"postgresql://berth@db1:5432/x?sslmode=verify%2Dfull", false},
           {"postgresql://berth@db1/berth?ssl=true", true},
           {"postgresql://localhost@db1/berth", true},
           {"postgresql://berth@[::1]:5432/berth", false},
           {"postgresql:///berth?host=db1", true},
           {"postgresql://%2Frun%2Fpostgresql/berth", false},
           // Known when it connects: worker/cluster/connection refuses it then.
           {"service=berth", false}}) {
    dir.put("berth.conf", with(kGood, good, conninfo));
    const std::string found = problems(dir);
    BOOST_TEST((found.find("conninfo: leads to another machine") !=
                std::string::npos) == refused,
               conninfo << ": " << found);
    if (refused) BOOST_TEST(found.find("/berth.conf:15:") != std::string::npos);
    dir.put("berth.conf", with(kGood, good + "\"", std::string(conninfo) +
                                                       "\"\ninsecure = true"));
    BOOST_TEST(problems(dir) == "");
  }
}

BOOST_AUTO_TEST_CASE(an_undo_is_kept_long_enough_to_be_accepted) {
  TemporaryDir dir;
  dir.put("berth.conf", with(kGood, "undo = \"1h\"", "undo = \"20s\""));
  BOOST_TEST(problems(dir).find("undo: must be at least 1m") !=
             std::string::npos, problems(dir));
  dir.put("berth.conf", with(kGood, "undo = \"1h\"",
                             "undo = \"2h\"\nlongest_undo = \"1h\""));
  BOOST_TEST(problems(dir).find("longest_undo must not be shorter than undo") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(where_berth_comes_from_is_a_list_of_addresses) {
  TemporaryDir dir;
  const std::string key = "admins = [";
  dir.put("berth.conf",
          with(kGood, key,
               "guest_from = [\"10.0.0.1\", \"2001:db8::/32\", "
               "\"!10.0.0.*\", \"*.example.com\"]\n" + key));
  BOOST_TEST(problems(dir) == "");
  for (const char* bad : {"", "!", "10.0.0.1,10.0.0.2", "a b", "a'", "a=b"}) {
    dir.put("berth.conf", with(kGood, key, "guest_from = [\"" +
                                               std::string(bad) + "\"]\n" +
                                               key));
    BOOST_TEST(problems(dir).find("guest_from") != std::string::npos, bad);
  }
}

BOOST_AUTO_TEST_CASE(an_owner_that_is_missing_is_told_so) {
  TemporaryDir dir;
  const std::string owner = "owner = \"shop\"\n";
  dir.put("berth.conf", with(kGood, owner, ""));
  BOOST_TEST(problems(dir).find("] owner is missing: ") != std::string::npos);
  dir.put("berth.conf", with(kGood, owner, "owner = \"Shop Owner\"\n"));
  BOOST_TEST(problems(dir).find("] owner: must be a lower-case role name")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(who_restores_is_a_role_but_not_the_owner) {
  TemporaryDir dir;
  const std::string owner = "owner = \"shop\"\n";
  for (const char* bad : {"shop", "Shop", "a\\\"; DROP"}) {
    dir.put("berth.conf", with(kGood, owner, owner + "restore_user = \"" +
                                                 bad + "\"\n"));
    BOOST_TEST(problems(dir).find("restore_user:") != std::string::npos, bad);
  }
  dir.put("berth.conf",
          with(kGood, owner, owner + "restore_user = \"shop_restore\"\n"));
  BOOST_TEST(problems(dir) == "");
}

BOOST_AUTO_TEST_CASE(a_certificate_is_checked_against_ca_or_not_at_all) {
  TemporaryDir dir;
  const auto put = [&](const char* scheme, const std::string& more) {
    dir.put("berth.conf",
            with(with(kGood, "\"http://{server}.qa",
                      "\"" + std::string(scheme) + "://{server}.qa"),
                 "contains = \"Shop\"", "contains = \"Shop\", " + more));
  };
  put("https", "ca = \"/etc/berth/ca.pem\"");
  BOOST_TEST(problems(dir) == "");
  const Config config = load_config(dir / "berth.conf");
  const VerifyConfig& verify = *config.applications.at("shop").verify;
  BOOST_TEST(verify.ca == "/etc/berth/ca.pem");
  BOOST_TEST(!verify.insecure);
  put("https", "insecure = true");
  BOOST_TEST(problems(dir) == "");
  BOOST_TEST(load_config(dir / "berth.conf")
                 .applications.at("shop")
                 .verify->insecure);
  for (const auto& [scheme, more, told] :
       std::vector<std::array<const char*, 3>>{
           {"https", "ca = \"ca.pem\"", "ca: must be the absolute path of a file"},
           {"https", "ca = \"\"", "ca: must be the absolute path of a file"},
           {"https", "insecure = \"yes\"", "insecure: must be true or false"},
           {"https", "insecure = true, ca = \"/ca.pem\"",
            "insecure: must not be set together with ca"},
           {"http", "insecure = true", "insecure: requires a url that starts"},
           {"http", "ca = \"/ca.pem\"", "ca: requires a url that starts"}}) {
    put(scheme, more);
    BOOST_TEST(problems(dir).find(told) != std::string::npos, more);
  }
}

BOOST_AUTO_TEST_CASE(broken_toml_and_a_missing_file_are_told) {
  TemporaryDir dir;
  BOOST_TEST(problems(dir).find("no such file") != std::string::npos);
  dir.put("berth.conf", "[console\n");
  BOOST_TEST(problems(dir).find("berth.conf:1:") != std::string::npos);
  // Cut at every byte: never a crash, never a half config taken for whole
  // unless what is left is a config of its own.
  const std::string whole = kGood;
  for (std::size_t n = 0; n < whole.size(); n += 3) {
    dir.put("berth.conf", whole.substr(0, n));
    BOOST_CHECK_NO_THROW(problems(dir));
  }
}

// Each of these reached an assert or an "unreachable" of toml++, which ended
// berth.fcgi, berthd and berthctl; found by a fuzzer.
BOOST_AUTO_TEST_CASE(what_toml_asserts_on_is_an_error_with_line_and_column) {
  TemporaryDir dir;
  const std::string good = kGood;
  const auto underscores = std::string(117, '_');
  using namespace std::string_literals;
  for (const auto& [text, at] : {
           std::pair{"[\n"s, "1:2: "},
           {"["s, "1:2: "},
           {good + "[\n", "36:2: "},
           {good + "[[\n", "36:3: "},
           {good + "[ # a comment\n", "36:3: "},
           {"[=]"s, "1:2: "},
           // A date, a run that is longer than the parser can go back, a blank
           // and a digit.
           {"x = 2021-01-01" + underscores + " 12", "1:"},
           // Letters that are in none of its tables.
           {"a=[{a\xd2\x97=1}]"s, "1:6: "},
           {"gr\xc3\xb6\xc3\x9f" "e = 1"s, "1:3: "},
           {"x = \xc3\xa9"s, "1:5: "},
           {"a = \0"s, "1:5: "},
           {"a\0 = 1"s, "1:2: "},
           {"title = \"caf\xc3\x28\""s, "1:"},
           {"a = \"\xed\xa0\x80\""s, "1:"},
           {"# \xff\n"s, "1:"},
           {"a = \"\xc3"s, "1:"},
       }) {
    dir.put("berth.conf", text);
    const std::string told = problems(dir);
    const std::string where = "berth.conf:"s + at;
    BOOST_TEST(told.find(where) != std::string::npos,
               printable(text.substr(0, 60)) << ": " << told);
    BOOST_TEST(!has_control_characters(told.substr(0, told.find('\n'))));
    BOOST_TEST(is_valid_utf8(told));
  }
  // A mistake in one file of conf.d is named with that file.
  dir.put("berth.conf", kGood);
  dir.put("conf.d/a.conf", "[host.kvm2]\n[\n");
  const std::string told = problems(dir);
  BOOST_TEST(told.find("conf.d/a.conf:2:2: ") != std::string::npos, told);
  // What was refused leaves nothing in the parser.
  dir.put("conf.d/a.conf", "");
  BOOST_TEST(problems(dir) == "");
}

BOOST_AUTO_TEST_CASE(letters_of_every_language_are_good_where_toml_has_them) {
  TemporaryDir dir;
  const std::string title = "Pr\xc3\xbc" "fst\xc3\xa4nde \xd2\x97 \xe6\xbc\xa2";
  dir.put("berth.conf", with(with(kGood, "QA test servers", title), "[host",
                             "# \xd2\x97 \xc2\xa0 \xe3\x80\x80\n[host"));
  BOOST_TEST(load_config(dir / "berth.conf").title == title);
}

// Tables are destroyed by recursion: 500,000 parts of a key are as many frames.
BOOST_AUTO_TEST_CASE(what_is_nested_too_deep_is_refused_with_its_place) {
  TemporaryDir dir;
  std::string parts = "a";
  for (int i = 1; i < 32; ++i) parts += " . 'a.\"b'";
  std::string many = "a";
  for (int i = 0; i < 200'000; ++i) many += ".a";
  const std::string open(100'000, '[');
  std::string tables;
  for (int i = 0; i < 50'000; ++i) tables += "{a=";
  for (const auto& [text, told] : {
           std::pair{"s = '''\n.\n'''\n[" + many + "]",
                     "4:65: a key must not have more than 32 parts"},
           {"x = '\\'\n" + many + "=1", "2:64: a key must not have more"},
           {"x = \"\\\"\"\nb={" + many + "=1}", "2:67: a key must not have more"},
           {"x = 'open\n" + many + "=1", "2:64: a key must not have more"},
           {parts + ".a = 1", ": a key must not have more"},
           {parts + " = 1", "unknown key 'a'"},
           {"x = " + open, "1:37: "},
           {"x = " + tables, "1:"},
       }) {
    dir.put("berth.conf", text);
    const std::string found = problems(dir);
    BOOST_TEST(found.find(told) != std::string::npos,
               text.substr(0, 80) << ": " << found.substr(0, 200));
  }
}

BOOST_AUTO_TEST_CASE(a_huge_file_is_refused_and_many_problems_are_counted) {
  TemporaryDir dir;
  dir.put("berth.conf", std::string(kGood) + "# " +
                            std::string((1 << 20) + 1, 'x') + "\n");
  BOOST_TEST(problems(dir).find("larger than 1048576 bytes") !=
             std::string::npos);
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "k" + std::to_string(i) + " = 1\n";
  dir.put("berth.conf", text + kGood);
  BOOST_TEST(problems(dir).size() < 20'000);
  BOOST_TEST(problems(dir).ends_with("\n4900 more problems"));
}

BOOST_AUTO_TEST_CASE(a_problem_that_quotes_the_file_stays_one_line) {
  TemporaryDir dir;
  dir.put("berth.conf", std::string(kGood) +
                            "[host.\"bad\\nname\\u001b[31m\"]\nuri = 1\n");
  const std::string told = problems(dir);
  BOOST_TEST(told.find("\\x1b") != std::string::npos, told);
  for (const auto& line : split(told, '\n')) {
    BOOST_TEST(!has_control_characters(line));
    BOOST_TEST(line.find("berth.conf:") != std::string::npos, line);
  }
}

BOOST_AUTO_TEST_SUITE_END()
