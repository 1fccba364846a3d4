// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "worker/cluster/pinned.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct PinnedFixture : ClusterFixture {
  PinnedFixture() {
    ::mkdir((folder / "lib").c_str(), 0755);
    all.paths.lib = folder / "lib";
    all.clusters["db1"] = config;
    cluster = std::make_unique<Cluster>(config, names, 7, link);
  }
  void write(const std::string& text, const std::string& name = "db1") {
    std::ofstream(folder / ("lib/clusters/" + name)) << text;
  }
  // A second section of berth.conf with the same conninfo.
  ClusterConfig second(const std::string& name) {
    ClusterConfig out = config;
    out.name = name;
    all.clusters[name] = out;
    return out;
  }
  // What require_pinned says of that section; empty: it may be worked on.
  std::string refusal(const ClusterConfig& section) {
    Cluster there(section, names, 7, link);
    try {
      require_pinned(there, all);
    } catch (const Error& e) {
      BOOST_TEST(there.expected_system().empty());
      return e.what();
    }
    return "";
  }
  TemporaryDir folder;
  Config all;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pinned, PinnedFixture)

BOOST_AUTO_TEST_CASE(the_first_use_says_which_server_it_is) {
  const Layout layout(all.paths);
  BOOST_TEST(!pinned_cluster(layout, "db1").has_value());
  BOOST_TEST(cluster->expected_system().empty());
  require_pinned(*cluster, all);
  BOOST_TEST(pinned_cluster(layout, "db1")->system ==
             cluster->system_identifier());
  BOOST_TEST(pinned_cluster(layout, "db1")->database == "postgres");
  BOOST_TEST(cluster->expected_system() == cluster->system_identifier());
  require_pinned(*cluster, all);  // and again
  struct stat found {};
  BOOST_REQUIRE(::stat((folder / "lib/clusters/db1").c_str(), &found) == 0);
  BOOST_TEST((found.st_mode & 0777) == 0600u);
}

BOOST_AUTO_TEST_CASE(another_server_is_refused_and_the_file_is_named) {
  const Layout layout(all.paths);
  require_pinned(*cluster, all);
  write("7000000000000000001\n");
  cluster = std::make_unique<Cluster>(config, names, 7, link);
  try {
    require_pinned(*cluster, all);
    BOOST_ERROR("worked on another server");
  } catch (const Error& e) {
    const std::string said = e.what();
    BOOST_TEST(said.find("7000000000000000001") != said.npos, said);
    BOOST_TEST(said.find(folder / "lib/clusters/db1") != said.npos, said);
  }
  BOOST_TEST(cluster->expected_system().empty());
}

// Advisory locks are per database: a worker that still works in the old one
// would not be seen from the new.
BOOST_AUTO_TEST_CASE(another_database_of_that_server_is_refused) {
  const Layout layout(all.paths);
  // As an earlier version wrote it: the second word comes at the next use.
  ::mkdir((folder / "lib/clusters").c_str(), 0700);
  write(cluster->system_identifier() + "\n");
  require_pinned(*cluster, all);
  BOOST_TEST(pinned_cluster(layout, "db1")->database == "postgres");
  root->run("CREATE DATABASE berth_own OWNER berth");
  {
    ClusterConfig moved = config;
    moved.conninfo = Postgres::instance().conninfo("berth", "berth_own");
    Cluster there(moved, names, 7, link);
    try {
      require_pinned(there, all);
      BOOST_ERROR("worked where the locks are not");
    } catch (const Error& e) {
      const std::string said = e.what();
      BOOST_TEST(said.find("dbname=postgres") != said.npos, said);
      BOOST_TEST(said.find(folder / "lib/clusters/db1") != said.npos, said);
    }
    BOOST_TEST(there.expected_system().empty());
    ::unlink((folder / "lib/clusters/db1").c_str());
    require_pinned(there, all);
  }
  root->run("DROP DATABASE berth_own");
}

// An administrator's slip: the live databases of one section would be orphans
// of the other.
BOOST_AUTO_TEST_CASE(a_second_section_for_one_server_is_refused_with_both_names) {
  const Layout layout(all.paths);
  require_pinned(*cluster, all);
  const ClusterConfig db2 = second("db2");
  const std::string said = refusal(db2);
  BOOST_TEST(said.find("[cluster.db2] and [cluster.db1] are the same") !=
             said.npos, said);
  BOOST_TEST(said.find("remove one of the two sections") != said.npos, said);
  // It leaves no file, and the section that was there first goes on.
  BOOST_TEST(!pinned_cluster(layout, "db2").has_value());
  require_pinned(*cluster, all);
}

// As an earlier version left it, or two first uses at the same moment: nobody
// can know which of the two is meant.
BOOST_AUTO_TEST_CASE(two_sections_that_are_pinned_already_are_both_refused) {
  require_pinned(*cluster, all);
  const ClusterConfig db2 = second("db2");
  write(cluster->system_identifier() + " postgres\n", "db2");
  BOOST_TEST(refusal(db2).find("[cluster.db1]") != std::string::npos);
  BOOST_TEST(refusal(config).find("[cluster.db2]") != std::string::npos);
  all.clusters.erase("db2");
  BOOST_TEST(refusal(config) == "");
}

// A machine that was cloned with its PostgreSQL.
BOOST_AUTO_TEST_CASE(a_copy_of_a_server_is_another_one) {
  require_pinned(*cluster, all);
  ClusterConfig db2 = second("db2");
  std::optional<Postgres> copy(std::in_place, Postgres::instance());
  db2.conninfo = copy->conninfo("berth");
  all.clusters["db2"] = db2;
  BOOST_TEST(refusal(db2) == "");
  BOOST_TEST(refusal(config) == "");
  BOOST_TEST(pinned_cluster(Layout(all.paths), "db2")->system ==
             cluster->system_identifier());
  copy.reset();
  const std::string said = refusal(config);
  BOOST_TEST(said.find("whether they are the same PostgreSQL server is not "
                       "known: connect to cluster db2") != said.npos, said);
}

BOOST_AUTO_TEST_CASE(a_section_that_was_renamed_goes_on) {
  const Layout layout(all.paths);
  require_pinned(*cluster, all);
  all.clusters.clear();
  const ClusterConfig renamed = second("main");
  BOOST_TEST(refusal(renamed) == "");
  BOOST_TEST((pinned_cluster(layout, "main") == pinned_cluster(layout, "db1")));
}

BOOST_AUTO_TEST_CASE(a_torn_file_is_told_and_never_taken_for_none) {
  const Layout layout(all.paths);
  require_pinned(*cluster, all);
  for (const char* text : {"", "\n", "abc\n", " postgres\n", "7000 \n"}) {
    write(text);
    BOOST_CHECK_THROW(require_pinned(*cluster, all), Error);
  }
}

BOOST_AUTO_TEST_CASE(a_role_that_may_not_ask_is_told_what_to_grant) {
  root->run("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
  try {
    require_pinned(*cluster, all);
    BOOST_ERROR("worked without knowing where");
  } catch (const Error& e) {
    const std::string said = e.what();
    BOOST_TEST(said.find("GRANT EXECUTE ON FUNCTION pg_control_system() "
                         "TO \"berth\"") != said.npos, said);
  }
  root->run("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC");
  require_pinned(*cluster, all);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
