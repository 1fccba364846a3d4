// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/copy.hpp"

#include <boost/test/unit_test.hpp>

#include "postgres.hpp"
#include "worker/claim.hpp"

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

bool has(const std::string& text, const std::string& part) {
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
  BOOST_TEST(has(why, "is being accessed by other users"), why);
  BOOST_TEST(has(why, "root from somewhere (tester) is connected to it"), why);
  BOOST_TEST(has(why, "SELECT pg_terminate_backend("), why);
  BOOST_TEST(report.says("in the way on " + from.name));
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
  BOOST_TEST(has(why, "collations have changed"), why);
  BOOST_TEST(has(why, "berthctl refresh shop"), why);
  // PostgreSQL's own word for it, had nobody looked.
  BOOST_TEST(has(refused([&] { make(spare_of(from)); }), "collation version"));
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
  BOOST_TEST(has(why, "ROLLBACK PREPARED"), why);
  require_copyable(*cluster, from);
}

BOOST_AUTO_TEST_CASE(a_base_in_another_tablespace_is_copied_into_it) {
  root->run("SET allow_in_place_tablespaces = on");
  root->run("CREATE TABLESPACE aside LOCATION ''");
  root->run("GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) "
            "TO berth");
  const Database from = base("20261122030000", "data");
  root->run("ALTER DATABASE " + root->identifier(from.name) +
            " IS_TEMPLATE false");
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

BOOST_AUTO_TEST_CASE(room_is_asked_for_unless_files_are_cloned) {
  const Database from = base("20261122030000", "data");
  config.disk_floor = std::int64_t{900} << 40;
  require_room(*cluster, from, Strategy::wal_log);  // not told: not refused
  root->run("GRANT pg_read_all_settings TO berth");
  const std::string why =
      refused([&] { require_room(*cluster, from, Strategy::file_copy); });
  BOOST_TEST(has(why, "MiB are free under cluster db1"), why);
  config.disk_floor = 0;
  Database large = from;
  large.size = std::int64_t{900} << 40;
  BOOST_CHECK_THROW(require_room(*cluster, large, Strategy::wal_log), Error);
  require_room(*cluster, large, Strategy::clone);
  root->run("REVOKE pg_read_all_settings FROM berth");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
