// SPDX-License-Identifier: GPL-2.0-or-later
// Samples that a script's ANALYZE took: those that the last one leaves are
// found, and those that it replaces pass.
#include "worker/cluster/planner_statistics.hpp"

#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "worker/cluster/vacuum.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct Sampled : ClusterFixture {
  Sampled() {
    root->run("CREATE DATABASE work OWNER shop");
    owner = connect("shop", "work");
    super = connect("root", "work");
  }
  void run(const std::string& sql) { owner->run(sql); }
  // A hundred rows that the scrub will change or remove.
  void fill(const std::string& table, const std::string& columns = "mail") {
    run("INSERT INTO " + table + " (" + columns + ") SELECT "
        "'ann@real.example' FROM generate_series(1, 100)");
  }
  // The tables that the last step of a refresh names; empty: none.
  std::string named() {
    vacuum(*cluster, "work", report, private_log, Deadline::in_s(30));
    try {
      require_no_old_statistics(
          {*cluster, "work", "shop_restore", "shop", {}, "vacuum"},
          Deadline::in_s(20));
    } catch (const Error& e) {
      const std::string said = e.what();
      const auto end = said.find(": the planner's statistics keep values");
      return end == std::string::npos ? said : said.substr(7, end - 7);
    }
    return "";
  }
  std::string values(const std::string& relation,
                     const std::string& more = "") {
    return super->query("SELECT coalesce(string_agg(s::text, ' '), '') "
                        "FROM pg_statistic s WHERE starelid = '" + relation +
                        "'::regclass " + more).at(0).at(0).value_or("");
  }
  bool keeps(const std::string& relation, const std::string& more = "") {
    return values(relation, more).find("real") != std::string::npos;
  }
  std::unique_ptr<Connection> owner, super;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(planner_statistics, Sampled)

// They had passed where the table alone has rows.
BOOST_AUTO_TEST_CASE(of_children_that_are_gone_fail_by_name) {
  run("CREATE TABLE parent (mail text, n int)");
  run("CREATE TABLE child () INHERITS (parent)");
  run("INSERT INTO parent VALUES ('x', 1)");
  fill("child");
  run("ANALYZE");
  run("DROP TABLE child");
  BOOST_TEST(named() == "public.parent");
  BOOST_TEST(keeps("parent", "AND stainherit"));
  BOOST_TEST(!keeps("parent", "AND NOT stainherit"));
  run("DROP TABLE parent");

  run("CREATE TABLE ev (at int, mail text) PARTITION BY RANGE (at)");
  run("CREATE TABLE ev1 PARTITION OF ev FOR VALUES FROM (0) TO (10)");
  run("INSERT INTO ev SELECT 1, 'ann@real.example' "
      "FROM generate_series(1, 100)");
  run("ANALYZE");
  run("DROP TABLE ev1");
  BOOST_TEST(named() == "public.ev");
  run("CREATE TABLE ev2 PARTITION OF ev DEFAULT");
  BOOST_TEST(named() == "public.ev");
  BOOST_TEST(keeps("ev"));
  run("INSERT INTO ev VALUES (1, 'x')");
  BOOST_TEST(named() == "");
  BOOST_TEST(!keeps("ev"));
}

BOOST_AUTO_TEST_CASE(of_several_columns_of_lost_children_fail_by_name) {
  if (cluster->sql().version() < 150000) return;
  run("CREATE TABLE parent (mail text, n int)");
  run("CREATE TABLE child () INHERITS (parent)");
  run("CREATE STATISTICS both_of (mcv) ON mail, n FROM parent");
  run("INSERT INTO parent VALUES ('x', 1)");
  fill("child");
  run("ANALYZE");
  run("DROP TABLE child");
  super->run("DELETE FROM pg_statistic WHERE stainherit "
             "AND starelid = 'parent'::regclass");
  BOOST_TEST(named() == "public.parent");
}

// No count tells whether the sample with the children met one of their rows.
BOOST_AUTO_TEST_CASE(of_a_table_with_children_are_those_of_one_analyze) {
  run("CREATE TABLE parent (mail text)");
  run("CREATE TABLE child () INHERITS (parent)");
  fill("parent");
  fill("child");
  run("UPDATE parent SET mail = 'x'");
  BOOST_TEST(named() == "");
  BOOST_TEST(named() == "public.parent");
  run("DROP TABLE child");
  BOOST_TEST(named() == "public.parent");
}

// ANALYZE computes none where one column has no sample.
BOOST_AUTO_TEST_CASE(of_several_columns_with_a_target_of_0_fail_by_name) {
  run("CREATE TABLE pair (mail text, note text)");
  run("CREATE STATISTICS both_of (mcv) ON mail, note FROM pair");
  fill("pair");
  run("ANALYZE");
  run("UPDATE pair SET mail = 'x'");
  BOOST_TEST(named() == "");
  run("UPDATE pair SET mail = 'ann@real.example'");
  run("ANALYZE");
  run("ALTER TABLE pair ALTER note SET STATISTICS 0");
  run("UPDATE pair SET mail = 'x'");
  BOOST_TEST(named() == "public.pair");
  BOOST_TEST(!keeps("pair"));
  BOOST_TEST(super->query("SELECT 1 FROM pg_stats_ext WHERE "
                          "most_common_vals::text LIKE '%real%'").size() == 1u);
  run("ALTER TABLE pair ALTER note SET STATISTICS -1");
  BOOST_TEST(named() == "");
}

// What an expression reads needs no sample; the table needs one of any column.
BOOST_AUTO_TEST_CASE(of_expressions_are_new_while_any_column_has_a_sample) {
  if (cluster->sql().version() < 140000) return;
  run("CREATE TABLE single (mail text, note text)");
  run("ALTER TABLE single ALTER mail SET STATISTICS 0");
  run("CREATE STATISTICS lower_of ON (lower(mail)) FROM single");
  fill("single");
  run("ANALYZE");
  const auto old = [&] {
    return super->query("SELECT 1 FROM pg_stats_ext_exprs WHERE "
                        "most_common_vals::text LIKE '%real%'").size();
  };
  BOOST_TEST(old() == 1u);
  run("UPDATE single SET mail = 'x'");
  BOOST_TEST(named() == "");
  BOOST_TEST(old() == 0u);
  run("UPDATE single SET mail = 'ann@real.example'");
  run("ANALYZE");
  run("ALTER TABLE single ALTER note SET STATISTICS 0");
  run("UPDATE single SET mail = 'x'");
  BOOST_TEST(named() == "public.single");
  BOOST_TEST(old() == 1u);
}

// Rails's unique index: a script's ANALYZE was refused whatever it had done.
BOOST_AUTO_TEST_CASE(of_a_partial_index_are_new_where_a_row_is_in_it) {
  run("CREATE TABLE person (mail text, deleted_at text)");
  run("CREATE INDEX once ON person (lower(mail)) WHERE deleted_at IS NULL");
  fill("person");
  run("ANALYZE person");
  BOOST_TEST(keeps("once"));
  run("UPDATE person SET mail = 'x'");
  BOOST_TEST(named() == "");
  BOOST_TEST(!keeps("once"));
  BOOST_TEST(values("once") != "");
  // None is in it any more: the old sample stays.
  run("UPDATE person SET mail = 'ann@real.example'");
  run("ANALYZE person");
  run("UPDATE person SET mail = 'x', deleted_at = 'now'");
  BOOST_TEST(named() == "public.once");
  BOOST_TEST(keeps("once"));
  run("INSERT INTO person VALUES ('y')");
  BOOST_TEST(named() == "");
  BOOST_TEST(!keeps("once"));
}

// As DROP INDEX CONCURRENTLY leaves one that is cut short.
BOOST_AUTO_TEST_CASE(of_an_index_that_is_not_ready_fail_by_name) {
  run("CREATE TABLE person (mail text)");
  run("CREATE INDEX half ON person (lower(mail))");
  fill("person");
  run("ANALYZE");
  super->run("UPDATE pg_index SET indisready = false "
             "WHERE indexrelid = 'half'::regclass");
  run("UPDATE person SET mail = 'x'");
  BOOST_TEST(named() == "public.half");
  BOOST_TEST(keeps("half"));
}

// ANALYZE of a database passes them over.
BOOST_AUTO_TEST_CASE(of_a_foreign_table_fail_by_name) {
  run("CREATE TABLE person (mail text)");
  fill("person");
  run("ANALYZE");
  super->run("CREATE FOREIGN DATA WRAPPER nothing");
  super->run("CREATE SERVER live FOREIGN DATA WRAPPER nothing");
  super->run("CREATE FOREIGN TABLE far (mail text) SERVER live");
  super->run("ALTER TABLE far OWNER TO shop");
  BOOST_TEST(named() == "");
  // As its wrapper would have sampled it.
  super->run("UPDATE pg_statistic SET starelid = 'far'::regclass "
             "WHERE starelid = 'person'::regclass");
  BOOST_TEST(named() == "public.far");
}

// PostGIS's leaves the old sample where it meets no geometry; this one, as a
// type of an array, does not, which nobody can see either.
BOOST_AUTO_TEST_CASE(of_an_extensions_type_are_those_of_one_analyze) {
  run("CREATE TYPE word AS ENUM ('ann', 'x')");
  super->run("CREATE FUNCTION sample(internal) RETURNS boolean "
             "LANGUAGE internal STABLE STRICT AS 'array_typanalyze'");
  super->run("UPDATE pg_type SET typanalyze = 'sample' "
             "WHERE typname = '_word'");
  run("CREATE TABLE spoken (words word[])");
  run("INSERT INTO spoken SELECT '{ann}' FROM generate_series(1, 100)");
  BOOST_TEST(named() == "");
  BOOST_TEST(named() == "public.spoken");
  run("CREATE TABLE place (id int, words word[])");
  run("CREATE INDEX place_words ON place ((words || words))");
  run("INSERT INTO place SELECT n, '{ann}' FROM generate_series(1, 100) n");
  run("DROP TABLE spoken");
  BOOST_TEST(named() == "");
  BOOST_TEST(named() == "public.place, public.place_words");
}

// Only what 18's pg_restore_attribute_stats() wrote can be there.
BOOST_AUTO_TEST_CASE(of_a_virtual_column_fail_by_name) {
  if (cluster->sql().version() < 180000) return;
  run("CREATE TABLE person (mail text, "
      "small text GENERATED ALWAYS AS (mail || '.') VIRTUAL)");
  fill("person");
  BOOST_TEST(named() == "");
  run("SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', "
      "'person', 'attname', 'small', 'inherited', false, 'null_frac', 0::real, "
      "'avg_width', 9, 'n_distinct', 1::real, 'most_common_vals', "
      "'{ann@real.example}'::text, 'most_common_freqs', '{1}'::real[])");
  BOOST_TEST(keeps("person"));
  run("UPDATE person SET mail = 'x'");
  BOOST_TEST(named() == "public.person");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
