// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "worker/cluster/trash.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

struct TrashFixture : ClusterFixture {
  // A database that has everything of our trash but what the test changes.
  std::string make(const std::string& name_after, DatabaseMarker marker) {
    root->run("CREATE DATABASE candidate OWNER berth");
    const auto made = cluster->database("candidate");
    const std::string name =
        name_after.empty() ? names.trash(made->oid, 7) : name_after;
    root->run("ALTER DATABASE candidate RENAME TO " + root->identifier(name));
    if (!marker.kind.empty()) cluster->comment(name, marker);
    return name;
  }
  DatabaseMarker good() {
    DatabaseMarker marker;
    marker.site = kSite;
    marker.kind = "trash";
    marker.state = "ready";
    marker.application = "shop";
    marker.undo_until = wall_now() - 1;
    return marker;
  }
  void refuses(const std::string& name) {
    BOOST_CHECK_THROW(drop_trash(*cluster, name), Error);
    BOOST_TEST(exists(name), name << " must not have been dropped");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(trash, TrashFixture)

BOOST_AUTO_TEST_CASE(what_agrees_in_all_points_is_dropped) {
  const std::string name = make("", good());
  drop_trash(*cluster, name);
  BOOST_TEST(!exists(name));
  drop_trash(*cluster, name);  // again: nothing to do
}

BOOST_AUTO_TEST_CASE(a_session_in_the_way_is_cut) {
  const std::string name = make("", good());
  const auto tester = connect("shop", name);
  drop_trash(*cluster, name);
  BOOST_TEST(!exists(name));
}

BOOST_AUTO_TEST_CASE(a_live_name_is_refused) {
  refuses(make("shop_qa1", good()));
}

BOOST_AUTO_TEST_CASE(postgres_and_the_templates_are_refused) {
  for (const char* name : {"postgres", "template1", "template0"}) {
    BOOST_CHECK_THROW(drop_trash(*cluster, name), Error);
  }
  BOOST_TEST(root->query("SELECT FROM pg_database WHERE datname IN "
                         "('postgres', 'template1', 'template0')")
                 .size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_unmarked_one_is_refused) { refuses(make("", {})); }

BOOST_AUTO_TEST_CASE(every_other_kind_is_refused) {
  for (const char* kind : {"live", "base", "spare"}) {
    DatabaseMarker marker = good();
    marker.kind = kind;
    const std::string name = make("", marker);
    refuses(name);
    root->run("DROP DATABASE " + root->identifier(name));
  }
}

BOOST_AUTO_TEST_CASE(a_marker_of_another_site_is_refused) {
  DatabaseMarker marker = good();
  marker.site = kOtherSite;
  refuses(make("", marker));
}

BOOST_AUTO_TEST_CASE(a_name_of_another_site_is_refused) {
  root->run("CREATE DATABASE candidate OWNER shop");
  const auto oid = cluster->database("candidate")->oid;
  const std::string name = DatabaseNames(kOtherSite).trash(oid, 7);
  root->run("ALTER DATABASE candidate RENAME TO " + root->identifier(name));
  cluster->comment(name, good());
  refuses(name);
}

BOOST_AUTO_TEST_CASE(another_oid_than_the_names_is_refused) {
  refuses(make(names.trash(99999, 7), good()));
}

BOOST_AUTO_TEST_CASE(a_template_is_refused) {
  const std::string name = make("", good());
  root->run("ALTER DATABASE " + root->identifier(name) + " IS_TEMPLATE true");
  refuses(name);
}

BOOST_AUTO_TEST_CASE(before_its_time_is_over_it_is_kept) {
  DatabaseMarker marker = good();
  marker.undo_until = wall_now() + 60;
  refuses(make("", marker));
}

BOOST_AUTO_TEST_CASE(what_somebody_works_on_is_kept) {
  const std::string name = make("", good());
  const auto second = other(8);
  BOOST_TEST(second->try_lock(name));
  refuses(name);
}

BOOST_AUTO_TEST_CASE(without_an_end_of_its_time_it_is_kept) {
  DatabaseMarker marker = good();
  marker.undo_until.reset();
  refuses(make("", marker));
}

BOOST_AUTO_TEST_CASE(another_cluster_is_refused) {
  // As after conninfo was changed under us, or an address moved.
  const std::string name = make("", good());
  const auto found = cluster->expected_system();
  cluster = std::make_unique<Cluster>(config, names, 7, link);
  refuses(name);  // nobody asked which one it is
  BOOST_CHECK_THROW(cluster->require_system("7000000000000000001"), Error);
  refuses(name);
  cluster->require_system(found);
  drop_trash(*cluster, name);
  BOOST_TEST(!exists(name));
}

BOOST_AUTO_TEST_CASE(what_others_can_mark_is_refused) {
  // Its owner writes what he likes into the marker, also that it may go.
  const std::string name = make("", good());
  root->run("ALTER DATABASE " + root->identifier(name) + " OWNER TO shop");
  refuses(name);
  root->run("ALTER DATABASE " + root->identifier(name) + " OWNER TO eve");
  refuses(name);
}

BOOST_AUTO_TEST_CASE(a_prepared_transaction_is_named) {
  const std::string name = make("", good());
  connect("root", name)->run("GRANT CREATE ON SCHEMA public TO shop");
  const auto inside = connect("shop", name);
  inside->run("BEGIN");
  inside->run("CREATE TABLE waits ()");
  inside->run("PREPARE TRANSACTION 'the lost one'");
  try {
    drop_trash(*cluster, name);
    BOOST_ERROR("dropped under a prepared transaction");
  } catch (const Error& e) {
    const std::string said = e.what();
    BOOST_TEST(said.find("'the lost one' of shop") != said.npos, said);
    BOOST_TEST(said.find("ROLLBACK PREPARED") != said.npos, said);
  }
  BOOST_TEST(exists(name));
  connect("shop", name)->run("ROLLBACK PREPARED 'the lost one'");
  drop_trash(*cluster, name);
  BOOST_TEST(!exists(name));
}

BOOST_AUTO_TEST_CASE(a_superusers_session_is_named_and_what_to_do) {
  // Its type is hidden from a role that is no superuser: it was overlooked,
  // and the DROP waited five seconds to say less.
  const std::string name = make("", good());
  const auto boss = connect("root", name);
  try {
    drop_trash(*cluster, name);
    BOOST_ERROR("dropped under a superuser");
  } catch (const Error& e) {
    const std::string said = e.what();
    BOOST_TEST(said.find("root from somewhere (pid ") != said.npos, said);
    BOOST_TEST(said.find("cannot be ended") != said.npos, said);
  }
  BOOST_TEST(exists(name));
}

BOOST_AUTO_TEST_CASE(an_interrupted_drop_is_done_again) {
  const std::string name = make("", good());
  root->run("UPDATE pg_database SET datconnlimit = -2 WHERE datname = " +
            root->literal(name));
  drop_trash(*cluster, name);
  BOOST_TEST(!exists(name));
}

BOOST_AUTO_TEST_CASE(an_invalid_copy_becomes_trash_and_is_dropped) {
  // Somebody's DROP of it was cut off; only another DROP helps.
  const Database made = copy(base("20261122030000", "data"), 7);
  root->run("UPDATE pg_database SET datconnlimit = -2 WHERE datname = " +
            root->literal(made.name));
  root->run("ALTER DATABASE " + root->identifier(made.name) +
            " OWNER TO shop");
  const std::string name =
      to_trash(*cluster, *cluster->database(made.name), 7);
  BOOST_TEST(cluster->database(name)->owner == "berth");
  drop_trash(*cluster, name);
  BOOST_TEST(cluster->databases().size() == 2u);  // the base and postgres
}

BOOST_AUTO_TEST_CASE(a_base_becomes_trash_only_as_a_base) {
  const Database from = base("20261122030000", "data");
  BOOST_CHECK_THROW(to_trash(*cluster, from, 7), Error);
  const std::string name = to_trash(*cluster, from, 7, Discard::base);
  BOOST_TEST(!cluster->database(name)->is_template);
  drop_trash(*cluster, name);
  BOOST_TEST(cluster->databases().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_base_that_is_being_copied_is_not_waited_for) {
  const Database from = base("20261122030000", "data");
  const auto copying = connect("root", "postgres");
  // A lock on the database as a CREATE DATABASE has it on its template.
  copying->run("BEGIN");
  // CREATE DATABASE holds a share lock on its template.
  copying->run("COMMENT ON DATABASE " + copying->identifier(from.name) +
               " IS " + copying->literal(from.comment));
  const auto begun = monotonic_ms();
  BOOST_CHECK_THROW(to_trash(*cluster, from, 7, Discard::base), SqlError);
  BOOST_TEST(monotonic_ms() - begun < 3000);
  copying->run("ROLLBACK");
  BOOST_TEST(cluster->database(from.name)->published());
}

BOOST_AUTO_TEST_CASE(what_was_marked_anew_meanwhile_is_kept) {
  const Database made = copy(base("20261122030000", "data"), 7);
  DatabaseMarker claimed = *made.marker;
  claimed.state = "claimed";
  claimed.job = 9;
  cluster->comment(made.name, claimed);
  BOOST_CHECK_THROW(to_trash(*cluster, made, 7), Error);
  BOOST_TEST(exists(made.name));
}

BOOST_AUTO_TEST_CASE(a_copy_becomes_trash_and_is_dropped) {
  const Database made = copy(base("20261122030000", "data"), 7);
  root->run("ALTER DATABASE " + root->identifier(made.name) +
            " OWNER TO shop");  // as while a build fits it out
  const std::string name =
      to_trash(*cluster, *cluster->database(made.name), 7);
  BOOST_TEST(name == names.trash(made.oid, 7));
  BOOST_TEST(cluster->database(name)->owner == "berth");
  drop_trash(*cluster, name);
  BOOST_TEST(!exists(name));
}

BOOST_AUTO_TEST_CASE(a_base_or_a_live_one_never_becomes_trash) {
  const Database from = base("20261122030000", "data");
  BOOST_CHECK_THROW(to_trash(*cluster, from, 7), Error);
  swap(*cluster, order(copy(from, 7), 7), report);
  BOOST_CHECK_THROW(to_trash(*cluster, *cluster->database("shop_qa1"), 7),
                    Error);
  root->run("CREATE DATABASE mine OWNER shop");
  BOOST_CHECK_THROW(to_trash(*cluster, *cluster->database("mine"), 7), Error);
  BOOST_TEST(exists("mine"));
}

BOOST_AUTO_TEST_CASE(a_copy_by_name_that_a_person_commented_is_kept) {
  const std::string name = names.copy("shop", "20261122030000", 7);
  root->run("CREATE DATABASE " + root->identifier(name) + " OWNER shop");
  root->run("COMMENT ON DATABASE " + root->identifier(name) + " IS 'mine'");
  BOOST_CHECK_THROW(to_trash(*cluster, *cluster->database(name), 7), Error);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
