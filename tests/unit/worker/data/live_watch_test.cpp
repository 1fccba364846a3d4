// SPDX-License-Identifier: GPL-2.0-or-later
// SQL of a dump that drops or renames a live database: it was silent.
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/text.hpp"
#include "worker/data/live_watch.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct LiveWatchFixture : ClusterFixture {
  LiveWatchFixture()
      : layout({dir / "spool", dir / "lib", dir / "log", dir / "run",
                dir / "cache"}) {
    for (const auto& path : {layout.lib, layout.queue, layout.active}) {
      std::filesystem::create_directories(path);
    }
    for (const char* server : {"qa1", "qa2"}) {
      const std::string name = "shop_" + std::string(server);
      root->run("CREATE DATABASE " + name + " OWNER shop");
      oid[server] = cluster->database(name)->oid;
      carries(layout, server, 7,
              DatabaseOnServer{"db1", name, oid[server], "20261122030000", {}});
    }
  }
  ~LiveWatchFixture() {
    for (const char* name : {"shop_qa1", "shop_qa2", "shop_hidden"}) {
      root->run("DROP DATABASE IF EXISTS " + std::string(name));
    }
  }
  TemporaryDir dir;
  Layout layout;
  std::map<std::string, std::int64_t> oid;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(live_watch, LiveWatchFixture)

BOOST_AUTO_TEST_CASE(a_live_database_that_is_dropped_or_renamed_is_named) {
  LiveWatch live(*cluster, layout);
  live.require_all("restore");
  const auto shop = connect("shop", "postgres");
  shop->run("DROP DATABASE shop_qa1");
  root->run("ALTER DATABASE shop_qa2 RENAME TO shop_hidden");
  BOOST_TEST(join(live.missing(), " | ") ==
             "shop_qa1 (OID " + std::to_string(oid["qa1"]) + ") of qa1 | "
             "shop_qa2 (OID " + std::to_string(oid["qa2"]) + ") of qa2");
  try {
    live.require_all("restore");
    BOOST_ERROR("went on");
  } catch (const Error& e) {
    const std::string said = e.what();
    BOOST_TEST(said.find("were dropped or renamed") != said.npos, said);
  }
  // What was missing at first is another refresh's.
  LiveWatch(*cluster, layout).require_all("restore");
}

BOOST_AUTO_TEST_CASE(what_a_job_replaces_is_no_loss) {
  LiveWatch live(*cluster, layout);
  // A build is at work on the server, then its line of history is there.
  dir.put("spool/active/12.json", R"({"version":1,"id":12,"kind":"build",)"
    R"("server":"qa1","application":"shop","user":"alice",)"
    R"("token":"00000000000000000000000000000000",)"
    R"("created_at":"2026-11-22T20:00:00Z","arguments":{"application":"shop",)"
    R"("path":"trunk","database":"latest","checkout":true,"note":"",)"
    R"("release":"never","revision":null},"attempt":1,"cancel":null,)"
    R"("started":null})");
  root->run("DROP DATABASE shop_qa1");
  live.require_all("restore");
  std::filesystem::remove(dir / "spool/active/12.json");
  BOOST_TEST(live.missing().size() == 1u);
  carries(layout, "qa1", 12,
          DatabaseOnServer{"db1", "shop_qa1", 4711, "20261122030000", {}});
  live.require_all("restore");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
