// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "ctl/findings.hpp"
#include "store/cluster_state.hpp"
#include "store/state.hpp"
#include "temporary_dir.hpp"

using namespace berth;
using namespace berth::ctl;

namespace {

// An application that is refreshed and scrubbed, as an admin would have it.
struct Data {
  Data() {
    dir.put("etc/scrub/shop/10-mail.sql", "UPDATE customer SET mail = '';\n");
    dir.put("etc/scrub/shop/90-mail.assert.sql", "SELECT 1 WHERE false;\n");
    dir.put("etc/scrub/shop/README", "what this is\n");
    dir.put("etc/scrub/shop/10-mail.sql~", "");
    dir.put("etc/scrub/shop/.10-mail.sql.swp", "");
    dir.put("etc/claim/shop/10-site.sql", "SELECT 1;\n");
    dir.put("shop.dmp", "");
    config.folder = dir / "etc";
    config.paths.lib = dir / "lib";
    ApplicationConfig& shop = config.applications["shop"];
    shop.name = "shop";
    shop.cluster = "db1";
    shop.dump = dir / "shop.dmp";
    shop.spares = 2;
    config.clusters["db1"].name = "db1";
    owners.admin = ::getuid();
    owners.runner_group = ::getgid();
  }
  std::string found() const {
    std::string out;
    for (const auto& finding : check_data(config, owners)) {
      out += finding.problem ? finding.text : "[" + finding.text + "]";
      out += "\n";
    }
    return out;
  }
  // One problem or note, about this path and of these words.
  bool only(bool problem, const std::string& path,
            const std::string& words) const {
    const auto all = check_data(config, owners);
    return all.size() == 1 && all[0].problem == problem &&
           all[0].text.starts_with(path + ": ") &&
           all[0].text.find(words) != std::string::npos;
  }
  void publish(std::int64_t free, int ready) const {
    std::filesystem::create_directories(dir / "lib/state/clusters");
    ClusterState seen;
    seen.cluster = "db1";
    seen.reachable = true;
    seen.free_bytes = free;
    seen.bases = {{"shop", "20261122024100", "b", std::nullopt, 100 << 20},
                  {"shop", "20261121024100", "a", std::nullopt, 900 << 20}};
    seen.spares = {{"shop", "20261122024100", ready}};
    State(dir / "lib/state").write("clusters/db1.json", to_json(seen));
  }
  TemporaryDir dir;
  Config config;
  Owners owners;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(findings_data, Data)

BOOST_AUTO_TEST_CASE(scripts_that_are_in_order_give_none) {
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(a_dump_that_nobody_scrubs_is_told) {
  std::filesystem::remove(dir / "etc/scrub/shop/10-mail.sql");
  BOOST_TEST(only(false, dir / "etc/scrub/shop", "no scripts"), found());
  std::filesystem::remove_all(dir / "etc/scrub");
  BOOST_TEST(only(false, dir / "etc/scrub/shop", "no scripts"), found());
  config.applications["shop"].dump.clear();
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(scripts_without_a_proof_are_told) {
  std::filesystem::remove(dir / "etc/scrub/shop/90-mail.assert.sql");
  BOOST_TEST(only(false, dir / "etc/scrub/shop", ".assert.sql"), found());
  config.applications["shop"].require_assertions = true;
  BOOST_TEST(only(true, dir / "etc/scrub/shop", "every refresh of shop fails"),
             found());
}

BOOST_AUTO_TEST_CASE(a_script_that_the_worker_would_refuse_is_a_problem) {
  for (const char* name : {"1-x.sql", "10-Mail.sql", "10-.sql", "10_x.sql",
                           "10-x.sql.bak", "aa-x.sql", "10-x.assert"}) {
    const std::string relative = std::string("etc/scrub/shop/") + name;
    dir.put(relative, "");
    BOOST_TEST(only(true, dir / relative, "NN-name.sql"), name << found());
    std::filesystem::remove(dir / relative);
  }
  const std::string claim = dir / "etc/claim/shop/10-site.sql";
  BOOST_REQUIRE(::chmod(claim.c_str(), 0666) == 0);
  BOOST_TEST(only(true, claim, "chmod go-w"), found());
  BOOST_REQUIRE(::chmod(claim.c_str(), 0644) == 0);
  std::filesystem::create_symlink("10-site.sql",
                                  dir / "etc/claim/shop/20-link.sql");
  BOOST_TEST(only(true, dir / "etc/claim/shop/20-link.sql", "regular file"),
             found());
  std::filesystem::remove(dir / "etc/claim/shop/20-link.sql");
  BOOST_REQUIRE(::chmod(claim.c_str(), 0600) == 0);
  BOOST_TEST(only(true, claim, "berth cannot read it"), found());
  BOOST_REQUIRE(::chmod(claim.c_str(), 0640) == 0);
  BOOST_TEST(found() == "");
  owners.admin = ::getuid() + 1;
  BOOST_TEST(found().find("not to root") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_local_dump_that_is_not_there_is_told) {
  config.applications["shop"].dump = dir / "none.dmp";
  BOOST_TEST(only(false, dir / "none.dmp", "no such file"), found());
  // Another machine's cannot be looked at from here.
  config.applications["shop"].dump = "backup:/srv/none.dmp";
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_CASE(more_spares_than_the_cluster_allows_are_told) {
  config.clusters["db1"].spares = 1;
  BOOST_TEST(only(false, "cluster db1", "allows 1"), found());
}

BOOST_AUTO_TEST_CASE(spares_without_room_are_told_by_the_newest_size) {
  config.clusters["db1"].disk_floor = 50 << 20;
  publish(std::int64_t{251} << 20, 0);
  BOOST_TEST(found() == "");
  publish(std::int64_t{249} << 20, 0);
  BOOST_TEST(only(false, "cluster db1", "no room"), found());
  // One is there already: 100 MiB are missing, not 200.
  publish(std::int64_t{249} << 20, 1);
  BOOST_TEST(found() == "");
  publish(10, 2);
  BOOST_TEST(found() == "");
}

BOOST_AUTO_TEST_SUITE_END()
