// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "postgres.hpp"
#include "worker/swap.hpp"
#include "worker/trash.hpp"

namespace berth::worker {

BOOST_FIXTURE_TEST_SUITE(swap_of_databases, ClusterFixture)

BOOST_AUTO_TEST_CASE(the_first_copy_becomes_live_and_takes_connections) {
  const Database made = copy(base("20261122030000", "first"), 7);
  BOOST_TEST(made.owner == "shop");
  swap(*cluster, order(made, 7), report);
  BOOST_TEST(word_in("shop_qa1") == "first");
  BOOST_TEST(swapped_by(*cluster, "shop_qa1", 7));
  BOOST_TEST(!swapped_by(*cluster, "shop_qa1", 8));
  BOOST_TEST(!exists(made.name));
  const auto live = cluster->database("shop_qa1");
  BOOST_TEST(live->oid == made.oid);
  BOOST_TEST(live->marker->kind == "live");
  BOOST_TEST(live->marker->server == "qa1");
  BOOST_TEST(live->marker->generation == "20261122030000");
}

BOOST_AUTO_TEST_CASE(the_old_live_becomes_trash_that_is_kept) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto old = cluster->database("shop_qa1");
  swap(*cluster, order(copy(from, 8), 8), report);
  const std::string name = names.trash(old->oid, 8);
  const auto trash = cluster->database(name);
  BOOST_REQUIRE(trash);
  BOOST_TEST(!trash->allow_connections);
  BOOST_TEST(trash->marker->kind == "trash");
  BOOST_TEST((*trash->marker->undo_until > wall_now() + 3500));
  BOOST_CHECK_THROW(drop_trash(*cluster, name), Error);
  BOOST_TEST(exists(name));
}

BOOST_AUTO_TEST_CASE(sessions_are_cut_and_named_in_the_log) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto tester = connect("shop", "shop_qa1");
  swap(*cluster, order(copy(from, 8), 8), report);
  BOOST_TEST(report.says("session cut on shop_qa1: shop from"));
  BOOST_CHECK_THROW(tester->run("SELECT 1"), Away);
}

BOOST_AUTO_TEST_CASE(a_superusers_session_stops_it_and_nothing_changes) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto admin = connect("root", "shop_qa1");
  const Database second = copy(from, 8);
  BOOST_CHECK_THROW(swap(*cluster, order(second, 8), report), Error);
  admin->run("SELECT 1");
  const auto live = cluster->database("shop_qa1");
  BOOST_TEST(live->allow_connections);
  BOOST_TEST(live->marker->job == 7);
  BOOST_TEST(exists(second.name));
}

BOOST_AUTO_TEST_CASE(a_failure_inside_the_transaction_changes_nothing) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto live = cluster->database("shop_qa1");
  const Database second = copy(from, 8);
  // The trash's name is taken: the first rename fails.
  root->run("CREATE DATABASE " +
            root->identifier(names.trash(live->oid, 8)));
  BOOST_CHECK_THROW(swap(*cluster, order(second, 8), report), SqlError);
  const auto now = cluster->database("shop_qa1");
  BOOST_TEST(now->oid == live->oid);
  BOOST_TEST(now->allow_connections);
  BOOST_TEST(word_in("shop_qa1") == "data");
  BOOST_TEST(exists(second.name));
}

BOOST_AUTO_TEST_CASE(a_second_rename_that_fails_takes_the_first_back) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto live = cluster->database("shop_qa1");
  const Database second = copy(from, 8);
  // berth may not give a database to eve: fails after both renames.
  Swap bad = order(second, 8);
  bad.owner = "eve";
  BOOST_CHECK_THROW(swap(*cluster, bad, report), SqlError);
  BOOST_TEST(cluster->database("shop_qa1")->oid == live->oid);
  BOOST_TEST(cluster->database("shop_qa1")->allow_connections);
  BOOST_TEST(cluster->database(second.name)->oid == second.oid);
}

BOOST_AUTO_TEST_CASE(a_live_database_of_somebody_else_is_refused) {
  const Database made = copy(base("20261122030000", "data"), 7);
  root->run("CREATE DATABASE shop_qa1 OWNER shop");
  BOOST_CHECK_THROW(swap(*cluster, order(made, 7), report), Error);
  Swap unknowing = order(made, 7);
  unknowing.live_oid.reset();
  BOOST_CHECK_THROW(swap(*cluster, unknowing, report), Error);
  BOOST_TEST(!cluster->database("shop_qa1")->marker);
}

BOOST_AUTO_TEST_CASE(settings_grants_and_limits_of_the_live_one_are_kept) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  root->run("ALTER DATABASE shop_qa1 SET search_path TO \"$user\", public, x");
  root->run("ALTER DATABASE shop_qa1 SET application_name TO 'it''s, so'");
  // Only a superuser may set what no module has defined.
  root->run("ALTER DATABASE shop_qa1 SET app.word TO 'lost'");
  root->run("ALTER DATABASE shop_qa1 CONNECTION LIMIT 9");
  root->run("REVOKE ALL ON DATABASE shop_qa1 FROM PUBLIC");
  root->run("GRANT CONNECT ON DATABASE shop_qa1 TO eve");
  swap(*cluster, order(copy(from, 8), 8), report);
  const auto eve = connect("eve", "shop_qa1");
  BOOST_TEST(*eve->query("SHOW search_path").at(0).at(0) ==
             "\"$user\", public, x");
  BOOST_TEST(*root->query("SELECT setconfig::text FROM pg_db_role_setting s, "
                          "pg_database d WHERE d.oid = s.setdatabase AND "
                          "datname = 'shop_qa1'")
                  .at(0).at(0) ==
             "{\"search_path=\\\"$user\\\", public, x\","
             "\"application_name=it's, so\"}");
  BOOST_TEST(report.says("not taken over from shop_qa1: ALTER DATABASE"));
  BOOST_TEST(cluster->database("shop_qa1")->connection_limit == 9);
  root->run("CREATE ROLE mallory LOGIN");
  BOOST_CHECK_THROW(connect("mallory", "shop_qa1"), Away);
  root->run("DROP ROLE mallory");
}

BOOST_AUTO_TEST_CASE(what_an_earlier_process_of_the_job_runs_is_ended) {
  const auto earlier = other(7);
  const auto stranger = other(8);
  other(7)->end_earlier_sessions();
  BOOST_CHECK_THROW(earlier->version(), Away);
  BOOST_TEST(!stranger->version().empty());
}

BOOST_AUTO_TEST_CASE(a_locked_name_is_not_swapped) {
  const Database made = copy(base("20261122030000", "data"), 7);
  const auto second = other(8);
  BOOST_TEST(second->try_lock(made.name));
  BOOST_TEST(!cluster->try_lock(made.name));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
