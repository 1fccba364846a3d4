// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/strategy.hpp"

#include <boost/test/unit_test.hpp>

#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kGiB = std::int64_t{1} << 30;

// "clone,file_copy"
std::string ways(int version, std::int64_t size,
                 std::optional<std::int64_t> files = std::nullopt) {
  std::string out;
  for (const Strategy s : strategies({version, size, files})) {
    static const char* const names[] = {"only", "wal_log", "file_copy",
                                        "clone"};
    out += (out.empty() ? "" : ",");
    out += names[static_cast<int>(s)];
  }
  return out;
}

bool next_may(Strategy strategy, const char* sqlstate) {
  return is_for_the_next(strategy, SqlError("copy", "it", "why", sqlstate));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(strategy, ClusterFixture)

BOOST_AUTO_TEST_CASE(old_servers_know_one_way) {
  BOOST_TEST(ways(140011, kMiB) == "only");
  BOOST_TEST(ways(130000, 50 * kGiB, 90'000) == "only");
}

BOOST_AUTO_TEST_CASE(small_ones_go_through_the_log_and_large_ones_do_not) {
  BOOST_TEST(ways(150020, 63 * kMiB) == "wal_log");
  BOOST_TEST(ways(150020, 64 * kMiB) == "file_copy");
  BOOST_TEST(ways(170000, 0) == "wal_log");
}

BOOST_AUTO_TEST_CASE(many_small_files_go_through_the_log) {
  BOOST_TEST(ways(150020, 305 * kMiB, 24'305) == "wal_log");
  BOOST_TEST(ways(150020, 305 * kMiB, 10'000) == "file_copy");
  // Many, but large: 100 GB of log would be worse.
  BOOST_TEST(ways(150020, 100 * kGiB, 20'000) == "file_copy");
}

BOOST_AUTO_TEST_CASE(the_first_releases_of_15_lose_rows_through_the_log) {
  BOOST_TEST(ways(150002, kMiB) == "file_copy");
  BOOST_TEST(ways(150003, kMiB) == "wal_log");
}

BOOST_AUTO_TEST_CASE(from_18_a_clone_comes_first_and_a_copy_behind_it) {
  BOOST_TEST(ways(180004, kMiB) == "clone,wal_log");
  BOOST_TEST(ways(180004, 4 * kGiB) == "clone,file_copy");
  BOOST_TEST(ways(180004, 305 * kMiB, 24'305) == "wal_log");
  BOOST_TEST(ways(180004, 2 * kGiB, 24'305) == "clone,wal_log");
}

BOOST_AUTO_TEST_CASE(only_what_the_disk_cannot_do_is_tried_otherwise) {
  for (const char* state : {"XX000", "58030", "58P01", "22023", "0A000"}) {
    BOOST_TEST(next_may(Strategy::clone, state), state);
    BOOST_TEST(!next_may(Strategy::file_copy, state), state);
  }
  // In use, cancelled, there already, no right, no room.
  for (const char* state : {"55006", "57014", "42P04", "42501", "53100"}) {
    BOOST_TEST(!next_may(Strategy::clone, state), state);
  }
}

BOOST_AUTO_TEST_CASE(files_are_counted_where_that_may_be_asked) {
  const Database from = base("20261122030000", "data");
  BOOST_TEST(!count_files(*cluster, from));
  root->run("GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) "
            "TO berth");
  const auto files = count_files(*cluster, from);
  root->run("REVOKE EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) "
            "FROM berth");
  BOOST_REQUIRE(files);
  BOOST_TEST(*files > 250);
  BOOST_TEST(*files < 1000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
