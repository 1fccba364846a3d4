// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "worker/cluster/swap.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct SwapFixture : ClusterFixture {
  // Why a swap is refused; it must be.
  std::string refused(const Swap& order) {
    try {
      swap(*cluster, order, report);
    } catch (const Error& e) {
      return e.what();
    }
    BOOST_ERROR("was swapped");
    return "";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(swap_of_databases, SwapFixture)

BOOST_AUTO_TEST_CASE(the_first_copy_becomes_live_and_takes_connections) {
  const Database made = copy(base("20261122030000", "first"), 7);
  BOOST_TEST(made.owner == "berth");
  swap(*cluster, order(made, 7), report);
  BOOST_TEST(cluster->database("shop_qa1")->owner == "shop");
  BOOST_TEST(word_in("shop_qa1") == "first");
  BOOST_TEST(swapped_by(*cluster, "shop_qa1", made.oid));
  BOOST_TEST(!swapped_by(*cluster, "shop_qa1", made.oid + 1));
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

// Its owner can make it a template, which can be neither dropped nor undone.
BOOST_AUTO_TEST_CASE(the_old_live_is_no_template_whatever_its_owner_made_it) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto old = cluster->database("shop_qa1");
  connect("shop", "postgres")
      ->run("ALTER DATABASE shop_qa1 IS_TEMPLATE true");
  swap(*cluster, order(copy(from, 8), 8), report);
  const auto trash = cluster->database(names.trash(old->oid, 8));
  BOOST_REQUIRE(trash);
  BOOST_TEST(!trash->is_template);
  BOOST_TEST(!trash->allow_connections);
}

BOOST_AUTO_TEST_CASE(sessions_are_cut_and_named_in_the_log) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto tester = connect("shop", "shop_qa1");
  swap(*cluster, order(copy(from, 8), 8), report);
  // No application_name: it can be a row's.
  BOOST_TEST(report.says("ended session: shop from this machine"));
  BOOST_TEST(!report.says("tester"));
  BOOST_CHECK_THROW(tester->run("SELECT 1"), Away);
}

BOOST_AUTO_TEST_CASE(a_superusers_session_stops_it_and_nothing_changes) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto admin = connect("root", "shop_qa1");
  const Database second = copy(from, 8);
  const std::string why = refused(order(second, 8));
  BOOST_TEST(why.find("root from somewhere (pid ") !=
             std::string::npos, why);
  BOOST_TEST(why.find("as a superuser: SELECT pg_terminate_backend(") !=
             std::string::npos, why);
  admin->run("SELECT 1");
  const auto live = cluster->database("shop_qa1");
  BOOST_TEST(live->allow_connections);
  BOOST_TEST(live->marker->job == 7);
  BOOST_TEST(exists(second.name));
}

BOOST_AUTO_TEST_CASE(who_may_not_end_sessions_is_told_what_to_grant) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  root->run("REVOKE pg_signal_backend FROM berth");
  const auto stranger = connect("eve", "shop_qa1");
  const auto tester = connect("shop", "shop_qa1");  // of a role we are in
  const std::string why = refused(order(copy(from, 8), 8));
  root->run("GRANT pg_signal_backend TO berth");
  BOOST_TEST(why.find("GRANT pg_signal_backend TO \"berth\"") !=
             std::string::npos, why);
  stranger->run("SELECT 1");
  BOOST_CHECK_THROW(tester->run("SELECT 1"), Away);
}

BOOST_AUTO_TEST_CASE(whoever_copies_the_live_one_is_named) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto live = *cluster->database("shop_qa1");
  BOOST_TEST(in_the_way(*cluster, live).empty());
  const auto admin = connect("root", "postgres");
  // The lock that CREATE DATABASE ... TEMPLATE shop_qa1 would hold.
  admin->run("BEGIN");
  admin->run("COMMENT ON DATABASE shop_qa1 IS " +
             admin->literal(live.comment));
  const std::string why = refused(order(copy(from, 8), 8));
  BOOST_TEST(why.find("uses it from elsewhere") != std::string::npos, why);
  admin->run("ROLLBACK");
  swap(*cluster, order(*cluster->database(names.copy("shop", "20261122030000",
                                                     8)), 8), report);
}

// One idle session of a tester refused every build of the server.
BOOST_AUTO_TEST_CASE(a_lock_that_the_owner_holds_from_elsewhere_is_cut) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto stranger = connect("shop", "postgres");
  std::int64_t job = 7;
  for (const char* locks : {"COMMENT ON DATABASE shop_qa1 IS NULL",
                            "GRANT CONNECT ON DATABASE shop_qa1 TO shop"}) {
    const auto live = *cluster->database("shop_qa1");
    const auto tester = connect("shop", "postgres");
    tester->run("BEGIN");
    tester->run(locks);
    BOOST_TEST(in_the_way(*cluster, live).empty());
    const Database made = copy(from, ++job);
    swap(*cluster, order(made, job), report);
    BOOST_CHECK_THROW(tester->run("SELECT 1"), Away);
  }
  BOOST_TEST(report.says("ended session: shop from"));
  stranger->run("SELECT 1");
}

// Any role may set something of its own for any database, and lock it so.
BOOST_AUTO_TEST_CASE(a_lock_that_any_role_holds_from_elsewhere_is_cut) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto locked = [&](const std::string& database) {
    auto session = connect("eve", "postgres");
    session->run("BEGIN");
    session->run("ALTER ROLE eve IN DATABASE " + session->identifier(database) +
                 " SET work_mem = '5MB'");
    return session;
  };
  const Database second = copy(from, 8);
  const auto on_live = locked("shop_qa1");
  BOOST_TEST(in_the_way(*cluster, *cluster->database("shop_qa1")).empty());
  const auto on_copy = locked(second.name);
  swap(*cluster, order(second, 8), report);
  BOOST_CHECK_THROW(on_live->run("SELECT 1"), Away);
  BOOST_CHECK_THROW(on_copy->run("SELECT 1"), Away);
  // Nor does one keep what is Berth's from the trash, or the trash there.
  const Database third = copy(from, 9);
  const auto on_third = locked(third.name);
  const std::string trash = to_trash(*cluster, third, 9);
  BOOST_CHECK_THROW(on_third->run("SELECT 1"), Away);
  const auto on_trash = locked(trash);
  drop_trash(*cluster, trash);
  BOOST_CHECK_THROW(on_trash->run("SELECT 1"), Away);
}

BOOST_AUTO_TEST_CASE(prepared_transactions_and_replication_are_in_the_way) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto live = *cluster->database("shop_qa1");
  const auto says = [&](const std::string& part) {
    return sentence_of(in_the_way(*cluster, live)).find(part) !=
           std::string::npos;
  };
  {
    const auto tester = connect("shop", "shop_qa1");
    tester->run("BEGIN");
    tester->run("CREATE TABLE half (n int)");
    tester->run("PREPARE TRANSACTION 'two phases'");
  }
  BOOST_TEST(says("ROLLBACK PREPARED"));
  const Database second = copy(from, 8);
  const std::string why = refused(order(second, 8));
  BOOST_TEST(why.find("'two phases'") != std::string::npos, why);
  {
    const auto tester = connect("shop", "shop_qa1");
    tester->run("ROLLBACK PREPARED 'two phases'");
  }
  {
    const auto admin = connect("root", "shop_qa1");
    admin->run("CREATE SUBSCRIPTION feed CONNECTION 'dbname=nowhere' "
               "PUBLICATION p WITH (connect = false, slot_name = NONE)");
  }
  BOOST_TEST(says("subscription feed"));
  {
    const auto admin = connect("root", "shop_qa1");
    admin->run("DROP SUBSCRIPTION feed");
    admin->run("SELECT pg_create_logical_replication_slot('watcher', "
               "'pgoutput')");
  }
  BOOST_TEST(says("pg_drop_replication_slot('watcher')"));
  root->run("SELECT pg_drop_replication_slot('watcher')");
  swap(*cluster, order(second, 8), report);
}

BOOST_AUTO_TEST_CASE(clients_that_reconnect_all_the_time_do_not_hold_it_up) {
  // Refused ones, on their way out, made each rename sleep 100 ms.
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ChildOptions options;
  options.stdout_fd = null.get();
  options.stderr_fd = null.get();
  std::vector<Child> storm;
  for (int i = 0; i < 4; ++i) {
    storm.push_back(Child::start(
        {"sh", "-c", "while :; do psql -XAtqc 'SELECT 1' \"$1\"; done", "-",
         Postgres::instance().conninfo("shop", "shop_qa1")}, options));
  }
  ::usleep(300'000);
  for (int job = 8; job < 11; ++job) {
    const Database made = copy(from, job);
    const std::int64_t begun = monotonic_ms();
    swap(*cluster, order(made, job), report);
    BOOST_TEST(monotonic_ms() - begun < 2000);
    BOOST_TEST(swapped_by(*cluster, "shop_qa1", made.oid));
  }
  for (Child& client : storm) client.stop(1000);
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
  connect("eve", "shop_qa1");
  BOOST_TEST(*root->query("SELECT setconfig::text FROM pg_db_role_setting s, "
                          "pg_database d WHERE d.oid = s.setdatabase AND "
                          "datname = 'shop_qa1'")
                  .at(0).at(0) ==
             "{\"application_name=it's, so\","
             "\"search_path=\\\"$user\\\", public, x\"}");
  BOOST_TEST(report.says("not copied from shop_qa1: setting app.word: "
                         "SQLSTATE 42501"));
  BOOST_TEST(!report.says("lost"));
  BOOST_TEST(cluster->database("shop_qa1")->connection_limit == 9);
  root->run("CREATE ROLE mallory LOGIN");
  BOOST_CHECK_THROW(connect("mallory", "shop_qa1"), Away);
  root->run("DROP ROLE mallory");
}

// A former holder's settings made the next person's fresh build fail.
BOOST_AUTO_TEST_CASE(what_keeps_builds_from_working_is_not_taken_over) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto owner = connect("shop", "shop_qa1");
  owner->run("ALTER DATABASE shop_qa1 CONNECTION LIMIT 0");
  for (const char* set : {
           "DATABASE shop_qa1 SET default_transaction_read_only = on",
           "DATABASE shop_qa1 SET local_preload_libraries = 'nowhere'",
           "DATABASE shop_qa1 SET role = shop",
           "DATABASE shop_qa1 SET lock_timeout = '5s'",
           "DATABASE shop_qa1 SET idle_in_transaction_session_timeout = 0",
           "DATABASE shop_qa1 SET statement_timeout = '1ms'",
           "ROLE shop IN DATABASE shop_qa1 SET statement_timeout = '999'"}) {
    owner->run(std::string("ALTER ") + set);
  }
  swap(*cluster, order(copy(from, 8), 8), report);
  BOOST_TEST(word_in("shop_qa1") == "data");
  BOOST_TEST(cluster->database("shop_qa1")->connection_limit == -1);
  BOOST_TEST(root->query("SELECT string_agg(array_to_string(setconfig, ' '), "
                         "'; ') FROM pg_db_role_setting s, pg_database d "
                         "WHERE d.oid = s.setdatabase AND datname = "
                         "'shop_qa1'").at(0).at(0).value_or("none") ==
             "idle_in_transaction_session_timeout=0 lock_timeout=5s");
  for (const char* name : {"CONNECTION LIMIT 0", "setting role: ",
                           "setting default_transaction_read_only: ",
                           "setting statement_timeout of role shop: ",
                           "setting local_preload_libraries: "}) {
    BOOST_TEST(report.says(std::string("not copied from shop_qa1: ") +
                           name), name);
  }
}

// A function of a dump made a setting of a row, and the log showed it.
BOOST_AUTO_TEST_CASE(no_log_shows_the_value_of_a_setting) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto owner = connect("shop", "shop_qa1");
  owner->run("ALTER DATABASE shop_qa1 SET role = 'ann@private.example'");
  owner->run("ALTER DATABASE shop_qa1 SET default_tablespace = "
             "'ann@private.example'");
  // Refused, and of another role.
  root->run("ALTER DATABASE shop_qa1 SET app.word TO 'ann@private.example'");
  root->run("ALTER ROLE eve IN DATABASE shop_qa1 SET application_name = "
            "'ann@private.example'");
  swap(*cluster, order(copy(from, 8), 8), report);
  for (const char* told : {"setting role: ", "setting app.word: SQLSTATE ",
                           "setting application_name of role eve: SQLSTATE "}) {
    BOOST_TEST(report.says(std::string("not copied from shop_qa1: ") +
                           told), told);
  }
  BOOST_TEST(!report.says("private.example"));
}

// An interrupted DROP, which its owner may begin, leaves such a database.
BOOST_AUTO_TEST_CASE(an_invalid_database_is_replaced_and_kept_for_nobody) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto live = *cluster->database("shop_qa1");
  root->run("UPDATE pg_database SET datconnlimit = -2 "
            "WHERE datname = 'shop_qa1'");
  swap(*cluster, order(copy(from, 8), 8), report);
  BOOST_TEST(word_in("shop_qa1") == "data");
  const auto former = cluster->database(names.trash(live.oid, 8));
  BOOST_REQUIRE(former.has_value());
  BOOST_TEST(*former->marker->undo_until <= wall_now());
  drop_trash(*cluster, former->name);
}

BOOST_AUTO_TEST_CASE(a_list_is_taken_over_as_it_is) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto settings = [&] {
    return cell_text(root->query(
        "SELECT string_agg(c, '|' ORDER BY c) FROM pg_db_role_setting, "
        "unnest(setconfig) c WHERE setdatabase = "
        "(SELECT oid FROM pg_database WHERE datname = 'shop_qa1')")
        .at(0).at(0));
  };
  int job = 8;
  for (const char* list : {"\"a,b\", public, \"x\"\"y\"", "''",
                           "\"$user\", \"A b\", c", "\"\"\"\", d"}) {
    root->run("ALTER DATABASE shop_qa1 SET search_path = " + std::string(list));
    root->run("ALTER DATABASE shop_qa1 SET datestyle = 'SQL, DMY'");
    const std::string before = settings();
    swap(*cluster, order(copy(from, job), job), report);
    ++job;
    BOOST_TEST(settings() == before);
  }
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
