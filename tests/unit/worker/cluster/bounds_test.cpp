// SPDX-License-Identifier: GPL-2.0-or-later
// What is read from a cluster is bounded, whatever its owners wrote there: a
// COMMENT of 200 MiB made every tidy read 200 MiB several times.
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/programs.hpp"
#include "worker/cluster/properties.hpp"
#include "worker/cluster/role_setting.hpp"
#include "worker/data/adopt.hpp"
#include "worker/postgres.hpp"
#include "worker/tidy/tidy_state.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kLargeComment = std::int64_t{200} << 20;
constexpr std::int64_t kAllowedPeak = std::int64_t{20} << 20;

// Bytes of memory that this process had at most since begin_peak().
std::int64_t peak() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) << 10;
  }
  throw std::runtime_error("no VmHWM");
}
std::int64_t begin_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak();
}

struct BoundsFixture : ClusterFixture {
  // Written by the server itself: it never passes through this process.
  void comment(const std::string& database, std::int64_t bytes) {
    root->run("DO $$ BEGIN EXECUTE format('COMMENT ON DATABASE %I IS %L', '" +
              database + "', repeat('x', " + std::to_string(bytes) +
              ")); END $$", Deadline::in_s(120));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(bounds, BoundsFixture)

BOOST_AUTO_TEST_CASE(a_comment_of_200_mib_is_not_read) {
  const std::string trash = names.trash(20000, 3);
  root->run("CREATE DATABASE shop_qa1 OWNER shop");
  root->run("CREATE DATABASE " + root->identifier(trash) + " OWNER shop");
  comment("shop_qa1", kLargeComment);
  comment(trash, kLargeComment);
  const std::int64_t before = begin_peak();
  const auto problems =
      tidy(*cluster, [](std::int64_t) { return false; });
  const ClusterState state = look_at(*cluster);
  const auto seen = cluster->database("shop_qa1");
  BOOST_REQUIRE(seen);
  BOOST_TEST(seen->comment == std::string(kLongestCell, 'x'));
  BOOST_TEST(!marked_already(*seen).size());
  ApplicationConfig shop = calm_facts().config.applications.at("shop");
  BOOST_REQUIRE(look_before_adopting(*cluster, shop, "qa1"));
  BOOST_TEST(peak() - before < kAllowedPeak);
  // It proves the peak to be one: 100 MiB more are seen.
  const std::vector<char> large(100 << 20, 'x');
  BOOST_TEST(peak() - before > kAllowedPeak);
  BOOST_TEST(large.back() == 'x');
  // Somebody's comment is no marker: nothing was thrown away.
  BOOST_TEST(exists("shop_qa1"));
  BOOST_TEST(exists(trash));
}

BOOST_AUTO_TEST_CASE(every_text_that_is_read_is_cut_by_the_server) {
  const Rows rows = cluster->sql().query(
      "SELECT repeat('ü', 100000), 7, ARRAY[repeat('x', 100000)], "
      "repeat('x', 100000)::varchar, true, NULL::text, $1::text",
      {"mine"});
  BOOST_REQUIRE(rows.size() == 1U);
  BOOST_TEST(rows[0][0]->size() == kLongestCell);
  BOOST_TEST(*rows[0][1] == "7");
  BOOST_TEST(rows[0][2]->size() == kLongestCell);
  BOOST_TEST(rows[0][3]->size() == kLongestCell);
  BOOST_TEST(cell_yes(rows[0][4]));
  BOOST_TEST(!rows[0][5]);
  BOOST_TEST(*rows[0][6] == "mine");
  // What returns texts in another way cannot be written by mistake.
  BOOST_CHECK_THROW(cluster->sql().query("SHOW data_directory"), Error);
}

// One comment kept every build and refresh of the cluster from being made.
BOOST_AUTO_TEST_CASE(what_is_no_text_is_read_and_shown_as_such) {
  root->run("CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' "
            "LOCALE 'C'");
  root->run("CREATE DATABASE shop_qa1 OWNER shop");
  root->run("CREATE DATABASE other OWNER shop");
  {
    const auto owner = connect("shop", "bytes");
    owner->run("COMMENT ON DATABASE shop_qa1 IS E'x\\xff\\xe2\\x82'");
    owner->run("ALTER ROLE shop IN DATABASE shop_qa1 SET search_path = "
               "E'x\\xe2\\x82'");
    owner->run("ALTER DATABASE shop_qa1 SET work_mem = '5MB'");
  }
  const auto seen = cluster->database("shop_qa1");
  BOOST_REQUIRE(seen);
  BOOST_TEST(seen->comment == "x\uFFFD\uFFFD\uFFFD");
  BOOST_TEST(!seen->marker);
  BOOST_TEST(look_at(*cluster).reachable);
  const auto problems =
      take_over_properties(*cluster, *seen, *cluster->database("other"));
  BOOST_TEST(problems == std::vector<std::string>{
                             "setting search_path of role shop: it is not "
                             "valid UTF-8"},
             boost::test_tools::per_element());
  BOOST_TEST(connect("shop", "other")->query("SELECT current_setting("
                                             "'work_mem')")[0][0].value() ==
             "5MB");
  BOOST_TEST(settings_of(*cluster, "shop").size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_answer_with_too_many_rows_is_an_error_and_no_list) {
  const std::string rows = "SELECT i FROM generate_series(1, $1) AS i";
  const std::string most = std::to_string(kMostRows);
  BOOST_TEST(cluster->sql().query(rows, {most}).size() == kMostRows);
  BOOST_CHECK_EXCEPTION(
      cluster->sql().query(rows, {"1000000"}), Error, [](const Error& e) {
        return std::string(e.what()).find("more than 20000 rows") !=
               std::string::npos;
      });
  const std::string bytes =
      "SELECT repeat('x', 8000) FROM generate_series(1, 10000)";
  BOOST_CHECK_THROW(cluster->sql().query(bytes), Error);
  // The connection serves on.
  BOOST_TEST(*cluster->sql().query("SELECT 1").at(0).at(0) == "1");
}

BOOST_AUTO_TEST_CASE(rows_that_are_only_counted_are_not_kept) {
  const std::int64_t before = begin_peak();
  const Executed done = cluster->sql().execute(
      "SELECT repeat('x', 100) FROM generate_series(1, 1000000)",
      Deadline::in_s(120));
  BOOST_TEST(done.rows == 1'000'000);
  BOOST_TEST(peak() - before < kAllowedPeak);
}

BOOST_AUTO_TEST_CASE(words_of_the_server_are_cut) {
  const auto is_short = [](const SqlError& e) {
    return std::string(e.what()).size() < 5000;
  };
  BOOST_CHECK_EXCEPTION(
      cluster->sql().run("DO $$ BEGIN RAISE EXCEPTION USING message = "
                         "repeat('ü', 1000000), detail = repeat('y', 1000000);"
                         " END $$"),
      SqlError, is_short);
  cluster->sql().run("DO $$ BEGIN RAISE WARNING '%', repeat('ü', 1000001); "
                     "END $$");
  const auto warnings = cluster->sql().take_warnings();
  BOOST_REQUIRE(warnings.size() == 1U);
  BOOST_TEST(warnings[0].size() == 2000U);
}

// No setting keeps them short: what a server sends is a protocol's message, and
// libpq holds it whole.
BOOST_AUTO_TEST_CASE(words_of_200_mib_end_the_session_and_not_the_machine) {
  std::size_t data = 0;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmData:")) data = std::stoull(line.substr(7)) << 10;
  }
  rlimit before{};
  BOOST_REQUIRE(::getrlimit(RLIMIT_DATA, &before) == 0);
  for (const char* how : {"RAISE WARNING '%', ", "RAISE EXCEPTION '%', "}) {
    const auto ours = other(8);
    const std::int64_t from = begin_peak();
    bound_memory(data + (std::size_t{64} << 20));
    BOOST_CHECK_THROW(
        ours->sql().run(std::string("DO $$ BEGIN ") + how +
                            "repeat('x', 209715200); END $$",
                        Deadline::in_s(60)),
        Away);
    BOOST_TEST(::setrlimit(RLIMIT_DATA, &before) == 0);
    BOOST_TEST(peak() - from < std::int64_t{80} << 20);
  }
  // What it starts has no such bound.
  bound_memory(data + (std::size_t{64} << 20));
  const RunResult shell = berth::run({"sh", "-c", "ulimit -d"}, 10000);
  BOOST_TEST(::setrlimit(RLIMIT_DATA, &before) == 0);
  BOOST_TEST(shell.out == "unlimited\n");
}

BOOST_AUTO_TEST_CASE(settings_that_are_too_long_or_many_are_not_taken_over) {
  root->run("CREATE DATABASE shop_qa1 OWNER shop");
  root->run("CREATE DATABASE shop_qa2 OWNER shop");
  const auto shop = connect("shop", "postgres");
  shop->run("ALTER DATABASE shop_qa1 SET application_name = 'a word'");
  root->run("DO $$ BEGIN EXECUTE format('ALTER DATABASE shop_qa1 SET a.long = "
            "%L', repeat('x', 10000)); END $$");
  const auto problems = take_over_properties(
      *cluster, cluster->database("shop_qa1"), *cluster->database("shop_qa2"));
  BOOST_REQUIRE(problems.size() == 1U);
  BOOST_TEST(problems[0] ==
             "setting a.long: it is longer than 2000 bytes");
  const Rows taken = cluster->sql().query(
      "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d "
      "ON d.oid = s.setdatabase WHERE d.datname = 'shop_qa2'");
  BOOST_REQUIRE(taken.size() == 1U);
  BOOST_TEST(*taken[0][0] == "application_name=a word");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
