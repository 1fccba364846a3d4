// SPDX-License-Identifier: GPL-2.0-or-later
// What is derived from rows, and keeps what a scrub removed from them:
// materialized views, the planner's statistics; and what no scrub reaches.
#include <boost/test/unit_test.hpp>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "worker/cluster/materialized_view.hpp"
#include "worker/cluster/out_of_reach.hpp"
#include "worker/cluster/planner_statistics.hpp"
#include "worker/cluster/vacuum.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct Derived : ClusterFixture {
  Derived() {
    root->run("CREATE DATABASE work OWNER shop");
    owner = connect("shop", "work");
    owner->run("CREATE TABLE person (id int, mail text)");
    owner->run("INSERT INTO person SELECT n, 'ann@real.example' "
               "FROM generate_series(1, 100) n");
  }
  std::string value(const std::string& sql) {
    return owner->query(sql).at(0).at(0).value_or("");
  }
  std::size_t fill(const ViewNames& views = {}) {
    PrivateLog in_full(folder.path(), 7);
    return fill_materialized_views({*cluster, "work", "shop_restore", "shop",
                                    {}, "scrub"},
                                   views, report, in_full,
                                   Deadline::in_s(20));
  }
  // What it says when it throws; empty: it did not.
  template <class Do>
  std::string refused(Do what) {
    try {
      what();
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  std::string old_statistics() {
    vacuum(*cluster, "work", report, private_log, Deadline::in_s(30));
    return refused([&] {
      require_no_old_statistics(
          {*cluster, "work", "shop_restore", "shop", {}, "vacuum"},
          Deadline::in_s(20));
    });
  }
  TemporaryDir folder;
  std::unique_ptr<Connection> owner;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(materialized_views_after_a_scrub, Derived)

BOOST_AUTO_TEST_CASE(are_filled_anew_those_first_that_others_read) {
  // By name, each comes before what it reads; a plain view is between two.
  owner->run("CREATE MATERIALIZED VIEW zz AS SELECT mail FROM person");
  owner->run("CREATE VIEW middle AS SELECT mail FROM zz");
  owner->run("CREATE MATERIALIZED VIEW \"m m\" AS SELECT mail FROM middle");
  owner->run("CREATE MATERIALIZED VIEW aa AS SELECT mail FROM \"m m\"");
  owner->run("CREATE MATERIALIZED VIEW empty AS SELECT mail FROM person "
             "WITH NO DATA");
  // pg_depend does not know of this one.
  owner->run("CREATE FUNCTION first() RETURNS text LANGUAGE plpgsql AS "
             "'BEGIN RETURN (SELECT min(mail) FROM public.zz); END'");
  owner->run("CREATE MATERIALIZED VIEW a_hidden AS SELECT first() AS mail");
  owner->run("UPDATE person SET mail = 'x@example.invalid'");
  BOOST_TEST(fill() == 4u);
  for (const char* view : {"zz", "\"m m\"", "aa", "a_hidden"}) {
    BOOST_TEST(value(std::string("SELECT DISTINCT mail FROM ") + view) ==
               "x@example.invalid", view);
  }
  BOOST_TEST(value("SELECT relispopulated FROM pg_class "
                   "WHERE relname = 'empty'") == "f");
  BOOST_TEST(report.says("filled materialized view public.\"m m\" ("));
  // One of the dump's list is filled, too, and one that is gone no error.
  BOOST_TEST(fill({{"public", "empty"}, {"public", "dropped"}}) == 5u);
  BOOST_TEST(value("SELECT DISTINCT mail FROM empty") == "x@example.invalid");
}

BOOST_AUTO_TEST_CASE(are_found_by_the_bytes_of_the_databases_encoding) {
  owner.reset();
  root->run("DROP DATABASE work");
  root->run("CREATE DATABASE work OWNER shop TEMPLATE template0 "
            "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
  owner = connect("shop", "work");
  owner->run("CREATE MATERIALIZED VIEW public.\"Fu\u00df\n\" AS SELECT 1 AS n "
             "WITH NO DATA");
  BOOST_TEST(fill({{"public", "Fu\xdf "}}) == 1u);
  BOOST_TEST(value("SELECT n FROM public.\"Fu\u00df\n\"") == "1");
}

BOOST_AUTO_TEST_CASE(that_cannot_be_filled_fail_by_name_and_quote_no_row) {
  owner->run("CREATE MATERIALIZED VIEW bad AS SELECT mail::int AS n "
             "FROM person WITH NO DATA");
  const std::string said = refused([&] { fill({{"public", "bad"}}); });
  BOOST_TEST(said.find("fill materialized view public.bad: SQLSTATE 22P02") ==
             0u);
  BOOST_TEST(said.find("real.example") == std::string::npos);
  BOOST_TEST(folder.get("7.private.log").find("ann@real.example") !=
             std::string::npos);
  // One that reads an unpopulated one for ever, among others.
  owner->run("DROP MATERIALIZED VIEW bad");
  owner->run("CREATE MATERIALIZED VIEW never AS SELECT 1 AS n WITH NO DATA");
  owner->run("CREATE MATERIALIZED VIEW reads AS SELECT n FROM never "
             "WITH NO DATA");
  owner->run("CREATE MATERIALIZED VIEW fine AS SELECT 1 AS n");
  BOOST_TEST(refused([&] { fill({{"public", "reads"}}); }).find(
                 "materialized view public.reads: SQLSTATE 55000") !=
             std::string::npos);
}

// SQL in a dump can write ALTER ROLE ... SET for who logs in.
BOOST_AUTO_TEST_CASE(are_filled_with_our_settings_and_no_role_s) {
  owner->run("CREATE SCHEMA decoy");
  owner->run("CREATE TABLE decoy.person (id int)");
  owner->run("CREATE FUNCTION people() RETURNS bigint LANGUAGE plpgsql AS "
             "'BEGIN RETURN (SELECT count(*) FROM person); END'");
  owner->run("CREATE MATERIALIZED VIEW counted AS SELECT people() AS n");
  root->run("ALTER DATABASE work SET search_path = decoy");
  BOOST_TEST(fill() == 1u);
  root->run("ALTER DATABASE work RESET search_path");
  BOOST_TEST(value("SELECT n FROM counted") == "100");
}

BOOST_AUTO_TEST_CASE(do_not_lose_rows_to_a_policy) {
  owner->run("CREATE MATERIALIZED VIEW mails AS SELECT mail FROM person");
  owner->run("ALTER TABLE person ENABLE ROW LEVEL SECURITY");
  owner->run("ALTER TABLE person FORCE ROW LEVEL SECURITY");
  BOOST_TEST(refused([&] { fill(); }).find(
                 "materialized view public.mails: SQLSTATE 42501 "
                 "(insufficient_privilege): a policy of public.person") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(statistics_after_a_scrub, Derived)

BOOST_AUTO_TEST_CASE(of_rows_that_are_there_are_new) {
  owner->run("ANALYZE");
  BOOST_TEST(value("SELECT most_common_vals FROM pg_stats "
                   "WHERE attname = 'mail'") == "{ann@real.example}");
  owner->run("UPDATE person SET mail = 'x'");
  BOOST_TEST(old_statistics() == "");
  BOOST_TEST(value("SELECT most_common_vals FROM pg_stats "
                   "WHERE attname = 'mail'") == "{x}");
  owner->run("UPDATE person SET mail = NULL");
  BOOST_TEST(old_statistics() == "");
  BOOST_TEST(value("SELECT most_common_vals FROM pg_stats "
                   "WHERE attname = 'mail'") == "");
}

// What pg_stats hides was taken for what is not there.
BOOST_AUTO_TEST_CASE(that_cannot_be_seen_fail_by_name) {
  owner->run("CREATE TABLE secret (mail text)");
  owner->run("CREATE TABLE parts (mail text, n int)");
  for (const char* table : {"secret", "parts"}) {
    owner->run("INSERT INTO " + std::string(table) +
               " SELECT 'ann@real.example' FROM generate_series(1, 9)");
  }
  owner->run("ANALYZE");
  owner->run("TRUNCATE secret, parts");
  owner->run("ALTER TABLE secret ENABLE ROW LEVEL SECURITY");
  owner->run("ALTER TABLE secret FORCE ROW LEVEL SECURITY");
  owner->run("REVOKE SELECT ON parts FROM shop");
  owner->run("GRANT SELECT (n) ON parts TO shop");
  BOOST_TEST(value("SELECT count(*) FROM pg_stats WHERE tablename IN "
                   "('secret', 'parts') AND attname = 'mail'") == "0");
  const std::string said = old_statistics();
  BOOST_TEST(said.find("vacuum public.parts, public.secret: the planner's "
                       "statistics are not visible") == 0u, said);
  BOOST_TEST(said.find("GRANT SELECT ON it TO \"shop\"") !=
             std::string::npos);
  // One that may see all finds what they keep.
  root->run("ALTER ROLE shop_restore BYPASSRLS");
  owner->run("GRANT SELECT ON parts TO shop");
  BOOST_TEST(old_statistics().find("vacuum public.parts, public.secret: the "
                                   "planner's statistics keep values") == 0u);
  owner->run("DROP TABLE parts");
  connect("root", "work")->run("INSERT INTO secret VALUES ('x')");
  BOOST_TEST(old_statistics() == "");
  root->run("ALTER ROLE shop_restore NOBYPASSRLS");
  BOOST_TEST(old_statistics().find("vacuum public.secret: the planner's "
                                   "statistics are not visible") == 0u);
}

// TRUNCATE and ANALYZE leave the sample of a table that is empty now.
BOOST_AUTO_TEST_CASE(of_rows_that_are_gone_fail_by_name) {
  const auto refuses = [&](const std::string& table) {
    const std::string said = old_statistics();
    BOOST_TEST(said.find("vacuum " + table + ": the planner's statistics keep "
                         "values from before the scrub") == 0u, said);
  };
  owner->run("ANALYZE");
  for (const char* how : {"DELETE FROM person", "TRUNCATE person"}) {
    owner->run(how);
    BOOST_TEST(value("SELECT most_common_vals FROM pg_stats "
                     "WHERE attname = 'mail'") == "{ann@real.example}");
    refuses("public.person");
  }
  owner->run("DROP TABLE person");
  BOOST_TEST(old_statistics() == "");

  owner->run("CREATE TABLE target (mail text)");
  owner->run("INSERT INTO target SELECT 'ann@real.example' "
             "FROM generate_series(1, 100)");
  owner->run("ANALYZE");
  owner->run("ALTER TABLE target ALTER mail SET STATISTICS 0");
  owner->run("UPDATE target SET mail = 'x'");
  refuses("public.target");
  owner->run("DROP TABLE target");

  // The index of an expression has its own.
  owner->run("CREATE TABLE person (mail text)");
  owner->run("CREATE INDEX person_mail ON person (lower(mail))");
  owner->run("INSERT INTO person SELECT 'ann@real.example' "
             "FROM generate_series(1, 100)");
  owner->run("ANALYZE");
  BOOST_TEST(old_statistics() == "");
  owner->run("UPDATE person SET mail = 'x'");
  BOOST_TEST(old_statistics() == "");
  owner->run("DELETE FROM person");
  refuses("public.person, public.person_mail");
  owner->run("DROP TABLE person");

  owner->run("CREATE TABLE ev (at int, mail text) PARTITION BY RANGE (at)");
  owner->run("CREATE TABLE ev1 PARTITION OF ev DEFAULT");
  owner->run("CREATE STATISTICS both_of ON at, mail FROM ev1");
  owner->run("INSERT INTO ev SELECT n % 2, 'ann@real.example' "
             "FROM generate_series(1, 100) n");
  owner->run("ANALYZE");
  BOOST_TEST(old_statistics() == "");
  owner->run("UPDATE ev SET mail = 'x'");
  BOOST_TEST(old_statistics() == "");
  owner->run("DELETE FROM ev");
  refuses("public.ev, public.ev1");
  owner->run("INSERT INTO ev VALUES (1, 'y')");
  BOOST_TEST(old_statistics() == "");
}

// Of those pg_stats shows no value, or not all of them.
// A tester read an address in the job's log.
BOOST_AUTO_TEST_CASE(whose_functions_fail_quote_no_row) {
  owner->run("CREATE FUNCTION key(t text) RETURNS text IMMUTABLE LANGUAGE "
             "plpgsql AS $$ BEGIN IF session_user = 'berth' THEN RAISE "
             "EXCEPTION 'no key for %', t USING ERRCODE = "
             "coalesce(nullif(current_setting('my.state', true), ''), 'P0001');"
             " END IF; RETURN t; END $$");
  owner->run("CREATE INDEX keys ON person (key(mail))");
  // 57P01 is what PostgreSQL says when it ends a session.
  for (const char* state : {"P0001", "57P01"}) {
    root->run("ALTER DATABASE work SET my.state = '" + std::string(state) +
              "'");
    const std::string said = refused([&] {
      vacuum(*cluster, "work", report, private_log, Deadline::in_s(30));
    });
    BOOST_TEST(said.find("ANALYZE on database work: ") == 0u, said);
    BOOST_TEST(said.find("PostgreSQL's message is in 7.private.log") !=
               std::string::npos, said);
    BOOST_TEST(said.find("real.example") == std::string::npos, said);
  }
  BOOST_TEST(Dir(logs.path()).read("7.private.log", 10000)->find(
                 "no key for ann@real.example") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(of_ranges_and_elements_fail_by_name) {
  owner->run("DROP TABLE person");
  owner->run("CREATE TABLE spans (at int4range)");
  owner->run("CREATE TABLE lists (mails text[])");
  owner->run("CREATE TABLE texts (words tsvector)");
  owner->run("CREATE TABLE pairs (a int, b int, c int)");
  owner->run("INSERT INTO spans SELECT int4range(n, n + 5) "
             "FROM generate_series(1, 100) n");
  owner->run("INSERT INTO lists SELECT ARRAY['ann@real.example', n::text] "
             "FROM generate_series(1, 100) n");
  owner->run("INSERT INTO texts SELECT to_tsvector('simple', 'ann ' || n) "
             "FROM generate_series(1, 100) n");
  owner->run("INSERT INTO pairs SELECT n, n FROM generate_series(1, 100) n");
  // A range of two columns that have no sample, and another is empty.
  owner->run("ALTER TABLE pairs ALTER a SET STATISTICS 0, "
             "ALTER b SET STATISTICS 0");
  const bool expressions = cluster->sql().version() >= 140000;
  if (expressions) {
    owner->run("CREATE STATISTICS span_of ON (int4range(a, a + b)) "
               "FROM pairs");
  }
  owner->run("ANALYZE");
  BOOST_TEST(connect("root", "work")
                 ->query("SELECT 1 FROM pg_statistic s WHERE "
                         "starelid = 'spans'::regclass AND s::text LIKE "
                         "'%[1,6)%'").size() == 1u);
  owner->run("TRUNCATE spans, lists, texts");
  owner->run("DELETE FROM pairs");
  const std::string said = old_statistics();
  BOOST_TEST(said.find(std::string("vacuum public.lists, ") +
                       (expressions ? "public.pairs, " : "") +
                       "public.spans, public.texts: the planner's statistics "
                       "keep values") == 0u, said);
  owner->run("DROP TABLE spans, lists, texts, pairs");
  BOOST_TEST(old_statistics() == "");
}

// Children had rows, and so had "the table": its own sample was not replaced.
BOOST_AUTO_TEST_CASE(of_several_columns_of_a_parent_without_rows_fail_by_name) {
  if (cluster->sql().version() < 150000) return;
  owner->run("DROP TABLE person");
  owner->run("CREATE TABLE parent (a text, b text)");
  owner->run("CREATE TABLE child () INHERITS (parent)");
  owner->run("CREATE STATISTICS both_of (mcv) ON a, b FROM parent");
  owner->run("INSERT INTO parent SELECT 'ann@real.example', n % 2 "
             "FROM generate_series(1, 100) n");
  owner->run("INSERT INTO child SELECT 'x', n % 2 "
             "FROM generate_series(1, 100) n");
  owner->run("ANALYZE");
  owner->run("DELETE FROM ONLY parent");
  // As if nobody had: the sample with the child is new then.
  const auto forget = [this] {
    connect("root", "work")
        ->query("SELECT pg_stat_reset_single_table_counters("
                "'parent'::regclass)");
  };
  forget();
  BOOST_TEST(old_statistics().find("vacuum public.parent: ") == 0u);
  connect("root", "work")
      ->run("DELETE FROM pg_statistic WHERE starelid = 'parent'::regclass "
            "AND NOT stainherit");
  BOOST_TEST(value("SELECT count(*) FROM pg_stats_ext WHERE NOT inherited "
                   "AND most_common_vals::text LIKE '%real%'") == "1");
  forget();
  BOOST_TEST(old_statistics().find("vacuum public.parent: ") == 0u);
  owner->run("DROP STATISTICS both_of");
  forget();
  BOOST_TEST(old_statistics() == "");
}

BOOST_AUTO_TEST_CASE(come_from_no_autovacuum_before_it) {
  owner->run("ALTER TABLE person SET (autovacuum_enabled = true, "
             "fillfactor = 90)");
  owner->run("CREATE TABLE \"a b\" (id int)");
  owner->run("CREATE TABLE later (id int)");
  owner->run("CREATE MATERIALIZED VIEW mails AS SELECT mail FROM person");
  owner->run("CREATE TABLE ev (at int) PARTITION BY RANGE (at)");
  owner->run("CREATE TABLE ev1 PARTITION OF ev DEFAULT");
  const std::string options =
      "SELECT string_agg(relname || coalesce(reloptions::text, ''), ' ' "
      "ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'm', 'p') AND "
      "oid >= 16384";
  const std::string before = value(options);
  const auto quieted =
      keep_autovacuum_off(*cluster, "work", Deadline::in_s(20));
  BOOST_TEST(value("SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'm') "
                   "AND oid >= 16384 AND NOT coalesce("
                   "'autovacuum_enabled=false' = ANY (reloptions), false)") ==
             "0");
  owner->run("DROP TABLE later");
  let_autovacuum(*cluster, "work", quieted, Deadline::in_s(20));
  owner->run("CREATE TABLE later (id int)");
  // In another order, which says nothing.
  BOOST_TEST(value(options).size() == before.size());
  BOOST_TEST(value("SELECT 'autovacuum_enabled=true' = ANY (reloptions) "
                   "FROM pg_class WHERE relname = 'person'") == "t");
  BOOST_TEST(value("SELECT count(*) FROM pg_class WHERE oid >= 16384 AND "
                   "'autovacuum_enabled=false' = ANY (reloptions)") == "0");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(out_of_a_scrubs_reach, Derived)

BOOST_AUTO_TEST_CASE(is_a_foreign_table_unless_it_is_allowed) {
  const auto inside = connect("root", "work");
  inside->run("CREATE FOREIGN DATA WRAPPER nothing");
  inside->run("CREATE SERVER live FOREIGN DATA WRAPPER nothing");
  inside->run("CREATE FOREIGN TABLE rates (n int) SERVER live");
  const auto said = [&](const std::vector<std::string>& allowed) {
    return refused([&] {
      require_in_reach(*cluster, "work", allowed, report);
    });
  };
  BOOST_TEST(said({}).find("scrub foreign table public.rates (server live): "
                           "its rows are on another server") == 0u);
  BOOST_TEST(said({"public.other"}) != "");
  BOOST_TEST(said({"public.ra*"}) == "");
  BOOST_TEST(report.says("kept foreign table public.rates (server live)"));
}

// The password of a user mapping was in every copy.
BOOST_AUTO_TEST_CASE(is_a_foreign_server_unless_an_allowed_table_needs_it) {
  const auto inside = connect("root", "work");
  inside->run("CREATE FOREIGN DATA WRAPPER nothing");
  for (const char* server : {"live", "spare"}) {
    inside->run(std::string("CREATE SERVER ") + server +
                " FOREIGN DATA WRAPPER nothing");
  }
  inside->run("CREATE FOREIGN TABLE rates (n int) SERVER live");
  inside->run("CREATE USER MAPPING FOR PUBLIC SERVER spare "
              "OPTIONS (password 'of production')");
  inside->run("CREATE USER MAPPING FOR eve SERVER spare");
  const auto said = [&] {
    return refused([&] {
      require_in_reach(*cluster, "work", {"public.rates"}, report);
    });
  };
  BOOST_TEST(said().find("scrub foreign server spare (user mappings for eve, "
                         "public): it connects to another system") == 0u,
             said());
  BOOST_TEST(said().find("of production") == std::string::npos);
  inside->run("DROP SERVER spare CASCADE");
  BOOST_TEST(said() == "");
  BOOST_TEST(report.says("kept foreign server live with"));
  inside->run("DROP FOREIGN TABLE rates");
  BOOST_TEST(said().find("scrub foreign server live: ") == 0u, said());
}

BOOST_AUTO_TEST_CASE(are_large_objects_and_the_log_counts_them) {
  require_in_reach(*cluster, "work", {}, report);
  BOOST_TEST(report.lines.empty());
  owner->run("SELECT lo_from_bytea(0, 'ann@real.example')");
  require_in_reach(*cluster, "work", {}, report);
  BOOST_TEST(report.says("the base has 1 large objects"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
