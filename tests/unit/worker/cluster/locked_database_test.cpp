// SPDX-License-Identifier: GPL-2.0-or-later
// Any role that may log in can lock any database, or its row, and stay.
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "worker/cluster/copy.hpp"
#include "worker/cluster/locked_database.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/cluster/vacuum.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

// A stranger's session, connected to a database that is not looked at.
class Stranger {
 public:
  Stranger()
      : connection_(PQconnectdb(
            Postgres::instance().conninfo("eve", "elsewhere").c_str())) {
    BOOST_REQUIRE(PQstatus(connection_.get()) == CONNECTION_OK);
  }
  // Waits for their end.
  void run(const std::string& sql) {
    PQclear(PQexec(connection_.get(), sql.c_str()));
  }
  // Several statements at once; does not wait.
  void begin(const std::string& sql) {
    BOOST_REQUIRE(PQsendQuery(connection_.get(), sql.c_str()) == 1);
    ::usleep(100'000);
  }
  bool ended() {
    while (PGresult* result = PQgetResult(connection_.get())) PQclear(result);
    PQclear(PQexec(connection_.get(), "SELECT 1"));
    return PQstatus(connection_.get()) != CONNECTION_OK;
  }

 private:
  PgConnection connection_;
};

struct Elsewhere : ClusterFixture {
  Elsewhere() { root->run("CREATE DATABASE elsewhere"); }
};

struct LockedFixture : Elsewhere {
  // Nobody can connect to the database, or copy it.
  void lock(const std::string& database) {
    const std::string name = root->identifier(database);
    holder.run("BEGIN");
    holder.run("ALTER ROLE eve IN DATABASE " + name + " SET work_mem = '5MB'");
    dropper.begin("DROP DATABASE " + name);
  }
  void lock_row(const std::string& database) {
    holder.run("BEGIN");
    holder.run("GRANT CONNECT ON DATABASE " + root->identifier(database) +
               " TO eve");
  }
  Stranger holder, dropper;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(locked_database, LockedFixture)

BOOST_AUTO_TEST_CASE(a_database_that_others_lock_can_be_connected_to) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  lock("shop_qa1");
  Connection("database shop_qa1", config, "test", link, "shop_qa1");
  BOOST_TEST(dropper.ended());
}

BOOST_AUTO_TEST_CASE(conninfos_own_database_that_others_lock_is_no_exception) {
  lock("postgres");
  BOOST_TEST(other(8)->role() == "berth");
  BOOST_TEST(dropper.ended());
}

BOOST_AUTO_TEST_CASE(nobody_is_ended_who_keeps_no_newcomer_out) {
  holder.run("BEGIN");
  holder.run("ALTER ROLE eve IN DATABASE postgres SET work_mem = '5MB'");
  end_who_locks(cluster->sql(), "postgres");
  ::usleep(100'000);
  BOOST_TEST(!holder.ended());
}

BOOST_AUTO_TEST_CASE(who_restores_is_spared) {
  lock("postgres");
  end_who_locks(cluster->sql(), "postgres", "eve");
  ::usleep(100'000);
  BOOST_TEST(!holder.ended());
  end_who_locks(cluster->sql(), "postgres");
  BOOST_TEST(holder.ended());
  BOOST_TEST(dropper.ended());
}

BOOST_AUTO_TEST_CASE(a_base_that_others_lock_is_copied) {
  const Database from = base("20261122030000", "data");
  lock(from.name);
  const Database made = copy(from, 8);
  BOOST_TEST(made.marker->job == 8);
  BOOST_TEST(dropper.ended());
}

BOOST_AUTO_TEST_CASE(a_database_whose_row_others_have_changed_is_changed) {
  const Database made = copy(base("20261122030000", "data"), 8);
  lock_row(made.name);
  cluster->sql().run("ALTER DATABASE " + cluster->quoted(made.name) +
                     " OWNER TO shop");
  BOOST_TEST(cluster->database(made.name)->owner == "shop");
  BOOST_TEST(holder.ended());
}

// VACUUM waits for that row, too, over a connection of its own.
BOOST_AUTO_TEST_CASE(a_vacuum_is_not_kept_waiting_by_it) {
  const Database made = copy(base("20261122030000", "data"), 8);
  cluster->allow_connections(made.name, true);
  lock_row(made.name);
  vacuum(*cluster, made.name, report, private_log, Deadline::in_s(20));
  BOOST_TEST(holder.ended());
}

BOOST_AUTO_TEST_CASE(a_change_that_another_session_is_before_is_made_again) {
  const Database made = copy(base("20261122030000", "data"), 8);
  lock_row(made.name);
  holder.begin("SELECT pg_sleep(0.2); COMMIT");
  cluster->sql().run("ALTER DATABASE " + cluster->quoted(made.name) +
                     " CONNECTION LIMIT 7");
  BOOST_TEST(cluster->database(made.name)->connection_limit == 7);
  // And in the transaction of a swap.
  lock_row(made.name);
  holder.begin("SELECT pg_sleep(0.2); COMMIT");
  swap(*cluster, order(made, 8), report);
  BOOST_TEST(word_in("shop_qa1") == "data");
}

BOOST_AUTO_TEST_CASE(a_prepared_transaction_that_locks_it_is_named) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  holder.run("BEGIN");
  holder.run("ALTER ROLE eve IN DATABASE shop_qa1 SET work_mem = '5MB'");
  holder.run("PREPARE TRANSACTION 'from elsewhere'");
  const std::string why =
      sentence_of(in_the_way(*cluster, *cluster->database("shop_qa1")));
  BOOST_TEST(why.find("'from elsewhere' of eve has been in the prepared state "
                      "since ") != std::string::npos, why);
  BOOST_TEST(why.find(" and locks it; run ") != std::string::npos, why);
  BOOST_TEST(why.ends_with("connected to elsewhere"), why);
}

BOOST_AUTO_TEST_CASE(tidy_names_what_locks_an_old_base_for_ever) {
  const Database from = base("20261122030000", "old");
  base("20261123030000", "new");
  holder.run("BEGIN");
  holder.run("ALTER ROLE eve IN DATABASE " + root->identifier(from.name) +
             " SET work_mem = '5MB'");
  holder.run("PREPARE TRANSACTION 'on a base'");
  TidyFacts facts = calm_facts();
  facts.config.applications["shop"].generations = 1;
  const auto problems =
      tidy(*cluster, facts, [](std::int64_t) { return false; }).problems;
  BOOST_REQUIRE(problems.size() == 1u);
  BOOST_TEST(problems[0].starts_with(
      from.name + ": transaction 'on a base' of eve has been in the prepared"),
      problems[0]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
