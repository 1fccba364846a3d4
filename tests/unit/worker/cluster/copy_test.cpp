// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/copy.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "worker/cluster/claim.hpp"
#include "worker/cluster/copy_gauge.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct CopyFixture : ClusterFixture {
  CopyOrder spare_of(const Database& from) {
    CopyOrder out;
    out.base = from;
    out.name = names.copy("shop", from.marker->generation, 5);
    out.job = 5;
    return out;
  }
  Database make(const CopyOrder& order) {
    return copy_base(*cluster, order, report, Deadline::in_s(60));
  }
  // Why it is refused; it must be.
  template <class Work>
  std::string refused(Work work) {
    try {
      work();
    } catch (const Error& e) {
      return e.what();
    }
    BOOST_ERROR("was done");
    return "";
  }
};

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(copy_of_bases, CopyFixture)

BOOST_AUTO_TEST_CASE(a_session_on_the_base_is_named_with_its_end) {
  const Database from = base("20261122030000", "data");
  root->run("ALTER DATABASE " + root->identifier(from.name) +
            " ALLOW_CONNECTIONS true");
  const auto monitor = connect("root", from.name);
  const std::string why = refused([&] { make(spare_of(from)); });
  BOOST_TEST(holds(why, "is being accessed by other users"), why);
  BOOST_TEST(holds(why, "root from somewhere is connected to it"), why);
  BOOST_TEST(holds(why, "SELECT pg_terminate_backend("), why);
  BOOST_TEST(report.says("waiting for a session on " + from.name));
  BOOST_TEST(!exists(spare_of(from).name));
}

BOOST_AUTO_TEST_CASE(a_session_that_goes_is_waited_for) {
  const Database from = base("20261122030000", "data");
  root->run("ALTER DATABASE " + root->identifier(from.name) +
            " ALLOW_CONNECTIONS true");
  const auto monitor = connect("root", from.name);
  // Ends by itself while the copy is tried again.
  monitor->run("SET idle_session_timeout = '1s'");
  make(spare_of(from));
  BOOST_TEST(exists(spare_of(from).name));
}

BOOST_AUTO_TEST_CASE(changed_collations_are_refused_with_the_way_out) {
  const std::string name = names.base("shop", "20261122030000");
  root->run("CREATE DATABASE " + root->identifier(name) +
            " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en' "
            "OWNER berth");
  DatabaseMarker marker;
  marker.site = kSite;
  marker.kind = "base";
  marker.state = "ready";
  marker.application = "shop";
  marker.generation = "20261122030000";
  cluster->comment(name, marker);
  require_copyable(*cluster, *cluster->database(name));
  root->run("UPDATE pg_database SET datcollversion = '1.0' WHERE datname = " +
            root->literal(name));
  const Database from = *cluster->database(name);
  BOOST_TEST(from.collation_differs);
  const std::string why = refused([&] { require_copyable(*cluster, from); });
  BOOST_TEST(holds(why, "collations have changed"), why);
  BOOST_TEST(holds(why, "berthctl refresh shop"), why);
  // PostgreSQL's own word for it, had nobody looked.
  BOOST_TEST(
      holds(refused([&] { make(spare_of(from)); }), "collation version"));
}

BOOST_AUTO_TEST_CASE(spares_with_changed_collations_are_left_alone) {
  Database d = make(spare_of(base("20261122030000", "data")));
  const std::vector<Database> good = {d};
  BOOST_TEST(
      spares_of(good, *cluster, "shop", "20261122030000").size() == 1u);
  d.collation_differs = true;
  const std::vector<Database> bad = {d};
  BOOST_TEST(spares_of(bad, *cluster, "shop", "20261122030000").empty());
}

BOOST_AUTO_TEST_CASE(a_transaction_prepared_in_the_base_is_told) {
  const Database from = base("20261122030000", "data");
  root->run("ALTER DATABASE " + root->identifier(from.name) +
            " ALLOW_CONNECTIONS true");
  {
    const auto inside = connect("root", from.name);
    inside->run("BEGIN");
    inside->run("CREATE TABLE half (n int)");
    inside->run("PREPARE TRANSACTION 'in the base'");
  }
  const std::string why = refused([&] { require_copyable(*cluster, from); });
  connect("root", from.name)->run("ROLLBACK PREPARED 'in the base'");
  BOOST_TEST(holds(why, "ROLLBACK PREPARED"), why);
  require_copyable(*cluster, from);
}

BOOST_AUTO_TEST_CASE(a_base_in_another_tablespace_is_copied_into_it) {
  root->run("SET allow_in_place_tablespaces = on");
  root->run("CREATE TABLESPACE aside LOCATION ''");
  root->run("GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) "
            "TO berth");
  const Database from = base("20261122030000", "data");
  root->run("ALTER DATABASE " + root->identifier(from.name) +
            " SET TABLESPACE aside");
  BOOST_TEST(folder_of(*cluster, from)->starts_with("pg_tblspc/"));
  BOOST_TEST(*count_files(*cluster, from) > 200);
  const Database made = make(spare_of(from));
  BOOST_TEST(*root->query("SELECT spcname FROM pg_tablespace t, pg_database d "
                          "WHERE t.oid = d.dattablespace AND d.oid = $1",
                          {std::to_string(made.oid)}).at(0).at(0) == "aside");
  root->run("REVOKE EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) "
            "FROM berth");
  for (const std::string& name : {made.name, from.name}) {
    root->run("DROP DATABASE " + root->identifier(name));
  }
  root->run("DROP TABLESPACE aside");
}

// A look that is due: one is good for ten times as long as it took.
Progress next_look(CopyGauge& gauge) {
  for (int tries = 0; tries < 1000; ++tries) {
    if (const auto progress = gauge.read()) return *progress;
    ::usleep(10'000);
  }
  throw Error("look at", "a copy", "no look was due for ten seconds");
}

// The bar never goes back and never says that all is done: with FILE_COPY the
// server syncs everything behind the last byte.
BOOST_AUTO_TEST_CASE(its_progress_ends_in_syncing) {
  root->run("GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), "
            "pg_stat_file(text, boolean) TO berth");
  const Database from = base("20261122030000", "data");
  root->run("CREATE DATABASE made TEMPLATE " + root->identifier(from.name) +
            " STRATEGY file_copy");
  const Database made = *cluster->database("made");
  CopyGauge whole(*cluster, from, made.oid, Strategy::file_copy);
  const Progress end = next_look(whole);
  BOOST_TEST(end.message == "syncing");
  BOOST_TEST(end.unit == "bytes");
  BOOST_TEST(*end.total == from.size);
  BOOST_TEST(*end.done < *end.total);
  CopyGauge none(*cluster, from, 4000000000, Strategy::file_copy);
  BOOST_TEST(next_look(none).message == "syncing before the copy");
  // Through the log it goes by how far that holds come, whoever writes to it.
  CopyGauge log(*cluster, from, 0, Strategy::wal_log);
  const std::int64_t before = *next_look(log).done;
  root->run("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM "
            "generate_series(1, 1000)");
  const std::int64_t after = *next_look(log).done;
  BOOST_TEST(after - before >= 1000000);
  root->run("DROP TABLE filler");
  // Not granted, it says nothing of bytes and the bar goes by the clock.
  root->run("REVOKE EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), "
            "pg_stat_file(text, boolean) FROM berth");
  CopyGauge blind(*cluster, from, made.oid, Strategy::file_copy);
  BOOST_TEST(!next_look(blind).done.has_value());
}

BOOST_AUTO_TEST_CASE(room_is_asked_for_unless_files_are_cloned) {
  const Database from = base("20261122030000", "data");
  config.disk_floor = std::int64_t{900} << 40;
  require_room(*cluster, from, Strategy::wal_log);  // not told: not refused
  root->run("GRANT pg_read_all_settings TO berth");
  const std::string why =
      refused([&] { require_room(*cluster, from, Strategy::file_copy); });
  BOOST_TEST(holds(why, "MiB are free on the disk of cluster db1"), why);
  config.disk_floor = 0;
  Database large = from;
  large.size = std::int64_t{900} << 40;
  BOOST_CHECK_THROW(require_room(*cluster, large, Strategy::wal_log), Error);
  require_room(*cluster, large, Strategy::clone);
  root->run("REVOKE pg_read_all_settings FROM berth");
}

BOOST_AUTO_TEST_CASE(the_bar_never_goes_back_nor_to_the_end) {
  CopyBar bar(1000, true);
  BOOST_TEST(bar.at(0).message == "syncing before the copy");
  BOOST_TEST(*bar.at(500).done == 500);
  BOOST_TEST(bar.at(500).message == "copying");
  BOOST_TEST(*bar.at(400).done == 500);
  // Files are as long as they will be; a checkpoint is still to come.
  BOOST_TEST(*bar.at(1000).done == 990);
  BOOST_TEST(bar.at(5000).message == "syncing");
  BOOST_TEST(*bar.at(5000).done == 990);
  BOOST_TEST(*bar.at(5000).total == 1000);
  BOOST_TEST(!bar.at(std::nullopt).done);
  BOOST_TEST(CopyBar(0, false).at(0).message == "copying");
}

BOOST_AUTO_TEST_CASE(the_gauge_sees_the_new_folder_fill_up) {
  const Database from = base("20261122030000", "data");
  const auto gauge = [&] {
    return CopyGauge(*cluster, from, 1234567, Strategy::file_copy);
  };
  BOOST_TEST(!gauge().read()->done);  // not granted
  root->run("GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), "
            "pg_stat_file(text, boolean) TO berth");
  CopyGauge watched = gauge();
  BOOST_TEST(*watched.read()->done == 0);
  root->run("CREATE DATABASE made STRATEGY file_copy OID 1234567 TEMPLATE " +
            root->identifier(from.name));
  const Progress seen = *gauge().read();
  root->run("REVOKE EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), "
            "pg_stat_file(text, boolean) FROM berth");
  BOOST_TEST(*seen.total == from.size);
  BOOST_TEST(*seen.done > from.size / 10 * 9);
  BOOST_TEST(seen.message == "syncing");
}

BOOST_AUTO_TEST_CASE(the_gauge_sees_the_log_grow_by_a_copy_through_it) {
  const Database from = base("20261122030000", "data");
  CopyGauge gauge(*cluster, from, 1234567, Strategy::wal_log);
  root->run("CREATE DATABASE made STRATEGY wal_log TEMPLATE " +
            root->identifier(from.name));
  const Progress seen = *gauge.read();
  BOOST_TEST(*seen.done > from.size / 10 * 4);  // no holes of small pages
  BOOST_TEST(*seen.done < from.size);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
