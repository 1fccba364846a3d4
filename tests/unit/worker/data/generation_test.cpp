// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "worker/cluster/prepared_transaction.hpp"
#include "worker/cluster/vacuum.hpp"
#include "worker/data/generation.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct GenerationFixture : ClusterFixture {
  DatabaseMarker marker(const std::string& generation, std::int64_t job = 7) {
    DatabaseMarker out;
    out.site = kSite;
    out.kind = "base";
    out.state = "loading";
    out.application = "shop";
    out.generation = generation;
    out.job = job;
    return out;
  }
  Database load(const std::string& generation, const DumpLocale& locale = {}) {
    return create_loading(*cluster, marker(generation), locale, report);
  }
  const ApplicationConfig shop = [] {
    ApplicationConfig out;
    out.owner = "shop";
    out.restore_user = "shop_restore";
    return out;
  }();
  bool may_connect(const std::string& role, const std::string& database) {
    return root->query("SELECT has_database_privilege($1, $2, 'CONNECT')",
                       {role, database}).at(0).at(0) == Cell("t");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(generation_being_loaded, GenerationFixture)

BOOST_AUTO_TEST_CASE(is_open_to_berth_alone) {
  const Database made = load("20261122030000");
  BOOST_TEST(made.owner == "berth");
  BOOST_TEST(made.allow_connections);
  BOOST_TEST(!may_connect("shop", made.name));
  BOOST_TEST(!may_connect("eve", made.name));
  let_fill(*cluster, made.name, shop);
  BOOST_TEST(!may_connect("shop", made.name));
  {
    const auto inside = connect("shop_restore", made.name);
    inside->run("SET ROLE shop");
    inside->run("CREATE TABLE public.a AS SELECT 1 AS b");
    inside->run("CREATE SCHEMA c");
    // Who restores can do no more than the owner.
    inside->run("RESET ROLE");
    BOOST_CHECK_THROW(inside->run("SET ROLE berth"), SqlError);
    BOOST_CHECK_THROW(inside->run("DROP DATABASE " +
                                  inside->identifier(made.name)), SqlError);
    BOOST_CHECK_THROW(inside->run("CREATE DATABASE other"), SqlError);
  }
  take_back(*cluster, made.name, shop);
  BOOST_TEST(!may_connect("shop_restore", made.name));
  const auto inside = connect("berth", made.name);
  inside->run("SET ROLE shop");
  BOOST_CHECK_THROW(inside->run("CREATE TABLE d AS SELECT 1"), SqlError);
  BOOST_CHECK_THROW(inside->run("CREATE SCHEMA e"), SqlError);
}

BOOST_AUTO_TEST_CASE(is_published_in_one_piece) {
  const Database made = load("20261122030000");
  vacuum(*cluster, made.name, report, private_log, Deadline::in_s(30));
  DatabaseMarker ready = marker("20261122030000");
  ready.state = "ready";
  publish_base(*cluster, made, made.name, ready);
  const auto now = cluster->database(made.name);
  BOOST_TEST(now->published());
  // Any role with CREATEDB could copy it.
  BOOST_TEST(!now->is_template);
  root->run("ALTER ROLE eve CREATEDB");
  const std::string copy = "CREATE DATABASE stolen TEMPLATE " +
                           root->identifier(made.name);
  BOOST_CHECK_THROW(connect("eve", "postgres")->run(copy), SqlError);
  root->run("ALTER ROLE eve NOCREATEDB");
  BOOST_TEST(!now->allow_connections);
  BOOST_TEST(cluster->is_base(*now));
  BOOST_TEST(published_by(*cluster, 7)->name == made.name);
  BOOST_TEST(!published_by(*cluster, 8));
}

BOOST_AUTO_TEST_CASE(another_one_of_its_name_is_not_published) {
  Database made = load("20261122030000");
  made.oid += 1;
  DatabaseMarker ready = marker("20261122030000");
  ready.state = "ready";
  BOOST_CHECK_THROW(publish_base(*cluster, made, made.name, ready), Error);
  BOOST_TEST(!cluster->database(made.name)->published());
  BOOST_TEST(cluster->database(made.name)->marker->state == "loading");
}

BOOST_AUTO_TEST_CASE(left_by_a_dead_worker_it_is_dropped) {
  const Database published = base("20261121030000", "data");
  const std::string loading = load("20261122030000").name;
  cluster->unlock(loading);
  const std::string bare = names.base("shop", "20261122030001");
  connect("berth", "postgres")
      ->run("CREATE DATABASE " + root->identifier(bare));
  const std::string other = names.base("shop_2", "20261122030000");
  connect("berth", "postgres")
      ->run("CREATE DATABASE " + root->identifier(other));
  discard_left_over(*cluster, "shop", 9, report);
  BOOST_TEST(!exists(loading));
  BOOST_TEST(!exists(bare));
  BOOST_TEST(exists(other));
  BOOST_TEST(exists(published.name));
}

// It would have been published with its locks, and with rows to come.
BOOST_AUTO_TEST_CASE(with_a_prepared_transaction_is_refused_and_goes) {
  const Database made = load("20261122030000");
  let_fill(*cluster, made.name, shop);
  BOOST_CHECK_NO_THROW(require_none_left(*cluster, made.name, "restore"));
  {
    const auto inside = connect("shop_restore", made.name);
    for (const char* role : {"shop", "shop_restore"}) {
      inside->run("BEGIN");
      inside->run("SET LOCAL ROLE shop");
      inside->run(std::string("CREATE TABLE public.of_") + role + " ()");
      inside->run(std::string("SET LOCAL ROLE ") + role);
      inside->run(std::string("PREPARE TRANSACTION 'it''s ") + role + "'");
    }
  }
  BOOST_CHECK_EXCEPTION(
      require_none_left(*cluster, made.name, "restore"), Error,
      [&](const Error& e) {
        const std::string said = e.what();
        return said.find("restore database " + made.name + ": SQL of the dump "
                         "or of a script has left there") == 0 &&
               said.find("transaction 'it's shop' of shop has been in the "
                         "prepared state since") != std::string::npos &&
               said.find("transaction 'it's shop_restore' of shop_restore") !=
                   std::string::npos;
      });
  root->run("GRANT shop_restore TO berth");
  discard_loading(*cluster, made.name, 7, report);
  root->run("REVOKE shop_restore FROM berth");
  BOOST_TEST(!exists(made.name));
  BOOST_TEST(root->query("SELECT 1 FROM pg_prepared_xacts").empty());
  // One of a role that we cannot become stays, and is named.
  const Database second = load("20261122030001");
  connect("root", second.name)->run("CREATE TABLE a ()");
  {
    const auto inside = connect("root", second.name);
    inside->run("BEGIN");
    inside->run("LOCK TABLE a");
    inside->run("PREPARE TRANSACTION 'roots'");
  }
  discard_loading(*cluster, second.name, 7, report);
  BOOST_TEST(exists(second.name));
  BOOST_TEST(report.says("tidy will remove it: discard " + second.name));
  BOOST_TEST(report.says("transaction 'roots' of root has been in the "));
  connect("root", second.name)->run("ROLLBACK PREPARED 'roots'");
  discard_loading(*cluster, second.name, 7, report);
  BOOST_TEST(!exists(second.name));
}

BOOST_AUTO_TEST_CASE(locked_by_another_it_stays) {
  const Database made = load("20261122030000");
  const auto second = other(8);
  discard_left_over(*second, "shop", 8, report);
  BOOST_TEST(exists(made.name));
}

BOOST_AUTO_TEST_CASE(once_published_it_is_never_discarded) {
  const Database made = base("20261122030000", "data");
  discard_loading(*cluster, made.name, 7, report);
  BOOST_TEST(exists(made.name));
}

BOOST_AUTO_TEST_CASE(a_locale_that_is_not_here_gives_way) {
  DumpLocale locale;
  locale.encoding = "UTF8";
  locale.provider = "libc";
  locale.locale = "xx_XX.UTF-8'; DROP DATABASE postgres";
  const Database made = load("20261122030000", locale);
  BOOST_TEST(report.says("the cluster does not have the dump's locale"));
  BOOST_TEST(root->query("SELECT datcollate FROM pg_database WHERE oid = $1",
                         {std::to_string(made.oid)}).at(0).at(0).value() ==
             "C");
}

BOOST_AUTO_TEST_CASE(its_name_is_later_than_all_that_are_there) {
  base("20991231235959", "data");
  BOOST_TEST(next_generation(*cluster, "shop") == "21000101000000");
  BOOST_TEST(next_generation(*cluster, "other") <
             generation_name(wall_now() + 2));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
