// SPDX-License-Identifier: GPL-2.0-or-later
// Roles that two applications of one cluster name: nothing was said of them,
// though SQL in a dump of one could drop the other's databases.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "ctl/findings.hpp"
#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::ctl;

namespace {

std::string application(const std::string& name, const std::string& cluster,
                        const std::string& owner,
                        const std::string& restore_user) {
  return "[application." + name + "]\nrepository = \"svn://svn/" + name +
         "\"\nkind = \"svn\"\nroot = \"/srv/" + name + "\"\ncluster = \"" +
         cluster + "\"\ndatabase = \"" + name + "_{server}\"\nowner = \"" +
         owner + "\"\nrestore_user = \"" + restore_user + "\"\n";
}

struct Roles {
  // The notes, one a line; a problem is marked.
  std::string found(const std::string& applications) const {
    dir.put("berth.conf",
            "[console]\nurl = \"https://qa.example.com/\"\n"
            "[cluster.db1]\nconninfo = \"host=/run/postgresql\"\n"
            "[cluster.db2]\nconninfo = \"host=/run/other\"\n" + applications);
    Config config = load_config(dir / "berth.conf");
    config.paths.cache = dir / "cache";
    std::string out;
    for (const auto& finding : check_roles(config)) {
      out += (finding.problem ? "problem: " : "") + finding.text + "\n";
    }
    return out;
  }
  TemporaryDir dir;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(findings_roles, Roles)

BOOST_AUTO_TEST_CASE(of_one_application_each_give_none) {
  BOOST_TEST(found(application("blog", "db1", "blog", "blog_restore") +
                   application("shop", "db1", "shop", "shop_restore") +
                   application("wiki", "db2", "shop", "shop_restore")) == "");
}

BOOST_AUTO_TEST_CASE(of_two_applications_are_told_with_file_and_line) {
  const std::string blog = application("blog", "db1", "blog", "blog_restore");
  const auto told = [&](const std::string& owner,
                        const std::string& restore_user) {
    return found(blog + application("shop", "db1", owner, restore_user));
  };
  const std::string second = dir / "berth.conf:15:1: [application.shop] ";
  const std::string why = " of [application.blog]: SQL in a dump of one can "
                          "change and drop the other's databases; give each "
                          "application roles of its own\n";
  BOOST_TEST(told("blog", "shop_restore") ==
             second + "owner: blog is also owner" + why);
  BOOST_TEST(told("shop", "blog_restore") ==
             second + "restore_user: blog_restore is also restore_user" + why);
  BOOST_TEST(told("shop", "blog") ==
             second + "restore_user: blog is also owner" + why);
  BOOST_TEST(told("blog_restore", "shop_restore") ==
             second + "owner: blog_restore is also restore_user" + why);
}

BOOST_AUTO_TEST_CASE(of_an_application_that_is_no_more_are_told) {
  dir.put("cache/shop.roles.json", "{}");
  dir.put("cache/wiki.roles.json", "{}");
  dir.put("cache/.wiki.roles.json.0123", "{}");
  BOOST_TEST(found(application("shop", "db1", "shop", "shop_restore")) ==
             dir / "cache/wiki.roles.json: the roles before a refresh of wiki, "
                   "which berth.conf no longer has; remove it if no change by "
                   "its last dump must be undone\n");
}

BOOST_AUTO_TEST_SUITE_END()
