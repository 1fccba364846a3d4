// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "worker/cluster/claim.hpp"
#include "worker/cluster/copy.hpp"
#include "worker/cluster/swap.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/data/publish.hpp"
#include "worker/postgres.hpp"
#include "worker/tidy/tidy.hpp"

namespace berth::worker {
namespace {

bool nobody(std::int64_t) { return false; }

ApplicationConfig shop() {
  ApplicationConfig out;
  out.name = "shop";
  out.kind = "svn";
  out.cluster = "db1";
  out.database = "shop_{server}";
  out.owner = "shop";
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tidy_of_a_cluster, ClusterFixture)

BOOST_AUTO_TEST_CASE(a_copy_whose_job_is_over_goes_in_one_round) {
  const Database made = copy(base("20261122030000", "data"), 7);
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(!exists(made.name));
  BOOST_TEST(!exists(names.trash(made.oid, 7)));
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(look_at(*cluster).bases.size() == 1u);
}

// An owner may do that to his own at any time; its size is not told then.
BOOST_AUTO_TEST_CASE(a_database_where_nobody_may_connect_is_in_nobodys_way) {
  const Database made = copy(base("20261122030000", "data"), 7);
  swap(*cluster, order(made, 7), report);
  const Database left = copy(*cluster->database(
      names.base("shop", "20261122030000")), 8);
  root->run("ALTER DATABASE " + root->identifier(left.name) + " OWNER TO shop");
  for (const auto& name : {std::string("shop_qa1"), left.name}) {
    root->run("REVOKE ALL ON DATABASE " + root->identifier(name) +
              " FROM PUBLIC, shop");
  }
  const auto live = cluster->database("shop_qa1");
  BOOST_REQUIRE(live);
  BOOST_TEST(live->size == 0);
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(!exists(left.name));
  BOOST_TEST(look_at(*cluster).live.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_marker_that_somebody_wrote_makes_no_base) {
  // Every owner can write a comment on his own database, and read ours.
  const Database ours = base("20261122030000", "data");
  root->run("CREATE DATABASE evil OWNER shop");
  DatabaseMarker marker = *ours.marker;
  marker.generation = "20991231235959";
  cluster->comment("evil", marker);
  const std::string like_ours = names.base("shop", "20991231235958");
  root->run("CREATE DATABASE " + root->identifier(like_ours) + " OWNER shop");
  marker.generation = "20991231235958";
  cluster->comment(like_ours, marker);
  const auto bases = ready_bases(cluster->databases(), *cluster, "shop");
  BOOST_REQUIRE(bases.size() == 1u);
  BOOST_TEST(bases[0].name == ours.name);
  BOOST_TEST(look_at(*cluster).bases.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_copy_of_an_active_job_stays) {
  const Database made = copy(base("20261122030000", "data"), 7);
  tidy(*cluster, [](std::int64_t job) { return job == 7; });
  BOOST_TEST(exists(made.name));
}

BOOST_AUTO_TEST_CASE(a_copy_somebody_holds_stays) {
  const Database made = copy(base("20261122030000", "data"), 7);
  const auto second = other(8);
  BOOST_TEST(second->try_lock(made.name));
  tidy(*cluster, nobody);
  BOOST_TEST(exists(made.name));
}

BOOST_AUTO_TEST_CASE(a_copy_without_a_marker_goes) {
  // Killed between CREATE DATABASE and COMMENT.
  const std::string name = names.copy("shop", "20261122030000", 7);
  root->run("CREATE DATABASE " + root->identifier(name) + " OWNER shop");
  tidy(*cluster, nobody);
  BOOST_TEST(!exists(name));
}

BOOST_AUTO_TEST_CASE(a_spare_that_waits_stays) {
  Database made = copy(base("20261122030000", "data"), 7);
  made.marker->server.clear();
  cluster->comment(made.name, *made.marker);
  tidy(*cluster, nobody);
  BOOST_TEST(exists(made.name));
  BOOST_TEST(look_at(*cluster).spares.at(0).ready == 1);
}

BOOST_AUTO_TEST_CASE(a_live_one_that_was_left_closed_is_opened) {
  swap(*cluster, order(copy(base("20261122030000", "data"), 7), 7), report);
  cluster->allow_connections("shop_qa1", false);
  const auto second = other(0);
  tidy(*second, nobody);  // the lock is held: a swap is going on
  BOOST_TEST(!cluster->database("shop_qa1")->allow_connections);
  cluster = other(8);
  // The server takes a moment to see that the lock's session has gone.
  for (int tries = 0; tries < 100; ++tries) {
    tidy(*second, nobody);
    if (cluster->database("shop_qa1")->allow_connections) break;
    ::usleep(50'000);
  }
  BOOST_TEST(cluster->database("shop_qa1")->allow_connections);
}

BOOST_AUTO_TEST_CASE(trash_is_kept_until_its_time) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto old = cluster->database("shop_qa1");
  swap(*cluster, order(copy(from, 8), 8), report);
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(exists(names.trash(old->oid, 8)));
  BOOST_TEST(look_at(*cluster).trash == 1);
}

BOOST_AUTO_TEST_CASE(former_databases_of_before_become_berths_own) {
  // Left to the application's role, which reopened one and marked it to be kept
  // for ever.
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto old = *cluster->database("shop_qa1");
  swap(*cluster, order(copy(from, 8), 8), report);
  const std::string name = names.trash(old.oid, 8);
  DatabaseMarker forged = *cluster->database(name)->marker;
  forged.undo_until = wall_now() + 99'999'999;
  cluster->comment(name, forged);
  root->run("ALTER DATABASE " + root->identifier(name) + " OWNER TO shop");
  root->run("ALTER DATABASE " + root->identifier(name) +
            " WITH ALLOW_CONNECTIONS true IS_TEMPLATE true");
  const auto shop = connect("shop", name);
  cluster = other(0);
  const Instant before = wall_now();
  BOOST_TEST(tidy(*cluster, nobody).empty());
  const auto sealed = cluster->database(name);
  BOOST_REQUIRE(sealed);
  BOOST_TEST(sealed->owner == "berth");
  BOOST_TEST(!sealed->allow_connections);
  BOOST_TEST(!sealed->is_template);
  const Instant until = *sealed->marker->undo_until;
  BOOST_TEST(until >= before + ApplicationConfig{}.longest_undo);
  BOOST_TEST(until <= wall_now() + ApplicationConfig{}.longest_undo);
  BOOST_CHECK_THROW(shop->run("SELECT 1"), Away);
  // Nothing is left for a second run; and one that is past its time goes at
  // once.
  const std::string comment = sealed->comment;
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(cluster->database(name)->comment == comment);
  forged.undo_until = wall_now() - 1;
  cluster->comment(name, forged);
  root->run("ALTER DATABASE " + root->identifier(name) + " OWNER TO shop");
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(!exists(name));
}

BOOST_AUTO_TEST_CASE(what_is_not_ours_is_told_and_left) {
  root->run("CREATE DATABASE berth_80906223_t_1_2");
  root->run("CREATE DATABASE berth_80906223_b_shop_20260101000000");
  root->run("CREATE DATABASE berth_11111111_s_shop_20260101000000_1");
  root->run("CREATE DATABASE somebodys");
  const Tidied done = tidy(*cluster, calm_facts(), nobody);
  BOOST_TEST(done.problems.empty());
  BOOST_TEST(done.orphans.size() == 2u);  // our site's two
  BOOST_TEST(cluster->databases().size() == 5u);  // and postgres
}

BOOST_AUTO_TEST_CASE(two_consoles_on_one_cluster_leave_each_other_alone) {
  // Also with one pattern for their live databases: who has the marker has the
  // database.
  const DatabaseNames others(kOtherSite);
  const auto mark = [&](const std::string& name, const char* kind,
                        const char* state) {
    root->run("CREATE DATABASE " + root->identifier(name) + " OWNER " +
              (std::string(kind) == "base" ? "berth" : "shop"));
    DatabaseMarker marker;
    marker.site = kOtherSite;
    marker.kind = kind;
    marker.state = state;
    marker.application = "shop";
    marker.generation = "20261122030000";
    marker.job = 3;
    if (marker.kind == "live") marker.server = "qa2";
    marker.undo_until = wall_now() - 10;
    cluster->comment(name, marker);
    return name;
  };
  mark(others.base("shop", "20261122030000"), "base", "loading");
  mark(others.copy("shop", "20261122030000", 3), "spare", "claimed");
  mark("shop_qa2", "live", "ready");
  root->run("ALTER DATABASE shop_qa2 ALLOW_CONNECTIONS false");
  mark("candidate", "trash", "ready");
  const std::string theirs =
      others.trash(cluster->database("candidate")->oid, 3);
  root->run("ALTER DATABASE candidate RENAME TO " + root->identifier(theirs));
  swap(*cluster, order(copy(base("20261122030000", "data"), 7), 7), report);
  const Database left = copy(*cluster->database(
                                 names.base("shop", "20261122030000")), 8);

  const auto all = [&] {
    std::string out;
    for (const Database& d : cluster->databases()) {
      out += d.name + " " + std::to_string(d.oid) + " " + d.comment +
             (d.allow_connections ? " open\n" : " closed\n");
    }
    return out;
  };
  const auto without = [](std::string text, const std::string& name) {
    const auto at = text.find(name);
    return text.erase(at, text.find('\n', at) + 1 - at);
  };
  const std::string before = all();
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(all() == without(before, left.name));

  // And the other console: its own four only.
  Cluster second(config, others, 0, link);
  second.require_system(cluster->expected_system());
  TidyFacts facts = calm_facts();
  const Tidied done = tidy(second, facts, nobody);
  BOOST_TEST(done.problems.empty());
  for (const Orphan& orphan : done.orphans) {
    BOOST_ERROR(orphan.name + " " + orphan.reason);
  }
  BOOST_TEST(!exists(theirs));
  BOOST_TEST(second.database("shop_qa2")->allow_connections);
  BOOST_TEST(second.database("shop_qa2")->marker->site == kOtherSite);
  BOOST_TEST(cluster->database("shop_qa1")->marker->site == kSite);
  BOOST_TEST(word_in("shop_qa1") == "data");
  BOOST_TEST(cluster->database(names.base("shop", "20261122030000"))
                 ->published());
  BOOST_TEST(!exists(others.copy("shop", "20261122030000", 3)));
}

BOOST_AUTO_TEST_CASE(old_bases_and_spares_go_when_the_new_ones_are_there) {
  const Database first = base("20261120030000", "one");
  const Database second = base("20261121030000", "two");
  const Database third = base("20261122030000", "three");
  const auto spare = [&](const Database& from, std::int64_t job) {
    Database made = copy(from, job);
    made.marker->server.clear();
    cluster->comment(made.name, *made.marker);
    return made.name;
  };
  const std::string old = spare(second, 7);
  TidyFacts facts = calm_facts();
  facts.config.applications["shop"].generations = 2;
  facts.config.applications["shop"].spares = 1;
  BOOST_TEST(tidy(*cluster, facts, nobody).problems.empty());
  BOOST_TEST(!exists(first.name));
  BOOST_TEST(exists(second.name));
  BOOST_TEST(exists(old));  // until there is one of the newest
  const std::string fresh = spare(third, 8);
  // What tidy counts is what a build can claim.
  BOOST_TEST(is_spare(*cluster, *cluster->database(fresh)));
  BOOST_TEST(look_at(*cluster).spares.at(0).generation ==
             third.marker->generation);
  BOOST_TEST(tidy(*cluster, facts, nobody).problems.empty());
  BOOST_TEST(!exists(old));
  BOOST_TEST(exists(fresh));
  BOOST_TEST(cluster->databases().size() == 4u);  // 2 bases, spare, postgres
}

BOOST_AUTO_TEST_CASE(a_base_that_is_being_copied_goes_the_next_time) {
  base("20261120030000", "one");
  const Database old = base("20261119030000", "none");
  TidyFacts facts = calm_facts();
  facts.config.applications["shop"].generations = 1;
  const auto copying = connect("root", "postgres");
  copying->run("BEGIN");
  copying->run("COMMENT ON DATABASE " + copying->identifier(old.name) +
               " IS " + copying->literal(old.comment));
  BOOST_TEST(tidy(*cluster, facts, nobody).problems.empty());
  BOOST_TEST(cluster->database(old.name)->published());
  copying->run("ROLLBACK");
  tidy(*cluster, facts, nobody);
  BOOST_TEST(!exists(old.name));
}

BOOST_AUTO_TEST_CASE(a_loading_base_goes_with_its_job) {
  // Owned by berth, marked at once, full of rows nobody has scrubbed.
  const std::string name = names.base("shop", "20261122030000");
  cluster->sql().run("CREATE DATABASE " + cluster->quoted(name));
  DatabaseMarker marker;
  marker.site = kSite;
  marker.kind = "base";
  marker.state = "loading";
  marker.application = "shop";
  marker.generation = "20261122030000";
  marker.job = 9;
  cluster->comment(name, marker);
  tidy(*cluster, [](std::int64_t job) { return job == 9; });
  BOOST_TEST(exists(name));
  tidy(*cluster, nobody);
  BOOST_TEST(cluster->databases().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_an_accepted_undo_needs_stays) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto old = cluster->database("shop_qa1");
  Swap now = order(copy(from, 8), 8);
  now.undo = 0;  // its time is over at once
  swap(*cluster, now, report);
  cluster = other(0);
  TidyFacts facts = calm_facts();
  facts.needs.servers = {"qa1"};
  tidy(*cluster, facts, nobody);
  BOOST_TEST(exists(names.trash(old->oid, 8)));
  facts.needs.servers.clear();
  facts.now -= 3600;  // read before
  tidy(*cluster, facts, nobody);
  BOOST_TEST(exists(names.trash(old->oid, 8)));
  tidy(*cluster, nobody);
  BOOST_TEST(!exists(names.trash(old->oid, 8)));
}

BOOST_AUTO_TEST_CASE(one_that_cannot_go_holds_nothing_else_up) {
  const Database from = base("20261122030000", "data");
  const Database stuck = copy(from, 7);
  const Database other_one = copy(from, 8);
  root->run("ALTER DATABASE " + root->identifier(stuck.name) +
            " ALLOW_CONNECTIONS true");
  const auto boss = connect("root", stuck.name);
  const auto problems = tidy(*cluster, nobody);
  BOOST_REQUIRE(problems.size() == 1u);
  BOOST_TEST(problems[0].find("cannot be ended") != std::string::npos,
             problems[0]);
  BOOST_TEST(exists(stuck.name));
  BOOST_TEST(!exists(other_one.name));
}

BOOST_AUTO_TEST_CASE(state_tells_live_former_and_spares) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  const auto old = cluster->database("shop_qa1");
  swap(*cluster, order(copy(from, 8), 8), report);
  const ClusterState seen = look_at(*cluster);
  BOOST_REQUIRE(seen.live.size() == 1u);
  BOOST_TEST(seen.live[0].server == "qa1");
  BOOST_TEST(seen.live[0].job == 8);
  BOOST_REQUIRE(seen.former.size() == 1u);
  BOOST_TEST(seen.former[0].job == 8);
  BOOST_TEST(seen.former[0].database == names.trash(old->oid, 8));
  // Whatever a former database is marked as, it is no live one.
  DatabaseMarker forged = *cluster->database("shop_qa1")->marker;
  forged.job = 99;
  root->run("COMMENT ON DATABASE " +
            root->identifier(names.trash(old->oid, 8)) + " IS " +
            root->literal(to_text(forged)));
  BOOST_REQUIRE(look_at(*cluster).live.size() == 1u);
  BOOST_TEST(look_at(*cluster).live[0].job == 8);
}

// Who owns a database writes its marker: it must not speak for another's.
BOOST_AUTO_TEST_CASE(a_marker_that_an_owner_wrote_speaks_for_no_other) {
  const Database from = base("20261122030000", "data");
  swap(*cluster, order(copy(from, 7), 7), report);
  DatabaseMarker forged = *cluster->database("shop_qa1")->marker;
  forged.job = 999999;
  const auto make_forged = [&](const std::string& name) {
    root->run("CREATE DATABASE " + root->identifier(name) + " OWNER eve");
    root->run("COMMENT ON DATABASE " + root->identifier(name) + " IS " +
              root->literal(to_text(forged)));
  };
  make_forged("eves");
  forged.application = "none";
  make_forged("eves_other");
  forged.application = "shop";
  forged.server = "../qa1";
  make_forged("eves_third");
  forged.server = "qa1";
  forged.kind = "trash";
  forged.undo_until = wall_now() + 3600;
  make_forged(names.trash(99999, 7));
  const ClusterState seen = look_at(*cluster);
  BOOST_REQUIRE(seen.live.size() == 1u);
  BOOST_TEST(seen.live[0].database == "shop_qa1");
  BOOST_TEST(seen.live[0].job == 7);
  BOOST_TEST(seen.former.empty());
}

BOOST_AUTO_TEST_CASE(publish_makes_a_base_that_nobody_can_change) {
  root->run("CREATE DATABASE restored OWNER shop");
  Config all;
  all.applications["shop"] = shop();
  const std::string name = publish(*cluster, all, shop(), "restored",
                                   Instant{1000}, 7, report, private_log,
                                   Deadline::in_s(60));
  BOOST_TEST(!exists("restored"));
  const auto made = cluster->database(name);
  BOOST_REQUIRE(made);
  BOOST_TEST(made->published());
  BOOST_TEST(!made->allow_connections);
  BOOST_TEST(made->marker->kind == "base");
  BOOST_TEST((made->marker->data_at == Instant{1000}));
  BOOST_TEST(look_at(*cluster).bases.at(0).database == name);
}

BOOST_AUTO_TEST_CASE(publish_refuses_what_it_must_not_take) {
  Config all;
  all.applications["shop"] = shop();
  HostConfig host;
  host.servers = {"qa*"};
  all.hosts["kvm1"] = host;
  root->run("CREATE DATABASE used OWNER shop");
  root->run("CREATE DATABASE eves OWNER eve");
  root->run("CREATE DATABASE shop_qa1 OWNER shop");
  const Database from = base("20261122030000", "data");
  const auto tester = connect("shop", "used");
  for (const std::string& name :
       {std::string("used"), std::string("eves"), std::string("shop_qa1"),
        from.name, std::string("missing"), std::string("postgres")}) {
    BOOST_CHECK_THROW(publish(*cluster, all, shop(), name, std::nullopt, 7,
                              report, private_log, Deadline::in_s(60)),
                      Error);
  }
  root->run("CREATE DATABASE locked OWNER shop");
  {
    const auto inside = connect("shop", "locked");
    inside->run("BEGIN");
    inside->run("CREATE TABLE a ()");
    inside->run("PREPARE TRANSACTION 'later'");
  }
  BOOST_CHECK_EXCEPTION(
      publish(*cluster, all, shop(), "locked", std::nullopt, 7, report, private_log,
              Deadline::in_s(60)),
      Error, [](const Error& e) {
        return std::string(e.what()).find(
                   "publish database locked: transaction 'later' of shop has "
                   "been in the prepared state since ") == 0;
      });
  BOOST_TEST(exists("used"));
  BOOST_TEST(exists("eves"));
  BOOST_TEST(exists("shop_qa1"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
