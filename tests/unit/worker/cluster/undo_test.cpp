// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "worker/cluster/swap.hpp"
#include "worker/cluster/trash.hpp"
#include "worker/cluster/undo_database.hpp"
#include "worker/job/plan.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

// qa1 with the data "first" of job 7, replaced by "second" of job 8.
struct SwitchedFixture : ClusterFixture {
  SwitchedFixture() {
    swap(*cluster, order(copy(base("20261122030000", "first"), 7), 7), report);
    first = *cluster->database("shop_qa1");
    root->run("ALTER DATABASE shop_qa1 CONNECTION LIMIT 9");
    root->run("GRANT CONNECT ON DATABASE shop_qa1 TO eve");
    swap(*cluster, order(copy(base("20261123030000", "second"), 8), 8), report);
    second = *cluster->database("shop_qa1");
  }

  FormerOf of(std::int64_t job) { return {"shop", "qa1", job}; }
  FormerWanted wanted() { return {"shop", first.oid, wall_now()}; }
  Swap undo(std::int64_t job, std::int64_t undone) {
    Swap out =
        order(require_former(*cluster, of(undone), {"shop", {}, 0}), job);
    out.copy_kind = "trash";
    return out;
  }
  // What the marker of job 8's trash tells, changed.
  template <class Change>
  void mark(Change change) {
    DatabaseMarker marker = *find_former(*cluster, of(8))->marker;
    change(marker);
    cluster->comment(names.trash(first.oid, 8), marker);
  }

  Database first, second;
};

std::string refusal(Cluster& cluster, const FormerOf& of,
                    const FormerWanted& wanted) {
  try {
    require_former(cluster, of, wanted);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

bool tells(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(undo_of_databases, SwitchedFixture)

BOOST_AUTO_TEST_CASE(the_former_database_comes_back_as_it_was) {
  swap(*cluster, undo(9, 8), report);
  BOOST_TEST(word_in("shop_qa1") == "first");
  const auto live = cluster->database("shop_qa1");
  BOOST_TEST(live->oid == first.oid);
  BOOST_TEST(live->allow_connections);
  BOOST_TEST(live->connection_limit == 9);
  BOOST_TEST(live->marker->kind == "live");
  BOOST_TEST(live->marker->state == "ready");
  BOOST_TEST(live->marker->generation == "20261122030000");
  BOOST_TEST(!live->marker->undo_until.has_value());
  BOOST_TEST(swapped_by(*cluster, "shop_qa1", first.oid));
  connect("eve", "shop_qa1");
}

BOOST_AUTO_TEST_CASE(its_owner_can_neither_mark_nor_open_nor_drop_it) {
  // He forged its marker: kept for ever, or dropped early; or went on in it.
  const Database former = *find_former(*cluster, of(8));
  BOOST_TEST(former.owner == "berth");
  DatabaseMarker forged = *former.marker;
  forged.undo_until = 0;
  const std::string name = root->identifier(former.name);
  const auto shop = connect("shop", "postgres");
  for (const std::string& sql :
       {"COMMENT ON DATABASE " + name + " IS " +
            root->literal(to_text(forged)),
        "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true",
        "ALTER DATABASE " + name + " CONNECTION LIMIT 1",
        "ALTER DATABASE " + name + " IS_TEMPLATE true",
        "ALTER DATABASE " + name + " SET work_mem = '64kB'",
        "ALTER DATABASE " + name + " OWNER TO shop",
        "ALTER DATABASE " + name + " RENAME TO mine",
        "DROP DATABASE " + name}) {
    BOOST_CHECK_EXCEPTION(shop->run(sql), SqlError, [](const SqlError& e) {
      return e.sqlstate() == "42501";
    });
  }
  BOOST_CHECK_THROW(connect("shop", former.name), Error);
  const Database now = *find_former(*cluster, of(8));
  BOOST_TEST(now.comment == former.comment);
  BOOST_TEST(!now.allow_connections);
  // Live again it is his.
  swap(*cluster, undo(9, 8), report);
  BOOST_TEST(cluster->database("shop_qa1")->owner == "shop");
  shop->run("ALTER DATABASE shop_qa1 SET work_mem = '64kB'");
  BOOST_TEST(find_former(*cluster, of(9))->owner == "berth");
}

BOOST_AUTO_TEST_CASE(one_that_its_owner_marked_does_not_stand_for_ours) {
  const Database former = *find_former(*cluster, of(8));
  // Only who may create databases can give one such a name.
  root->run("CREATE DATABASE aaa OWNER shop");
  const auto oid = cluster->database("aaa")->oid;
  const std::string forged = names.trash(oid, 8);
  root->run("ALTER DATABASE aaa RENAME TO " + root->identifier(forged));
  root->run("COMMENT ON DATABASE " + root->identifier(forged) + " IS " +
            root->literal(former.comment));
  BOOST_TEST(find_former(*cluster, of(8))->oid == former.oid);
}

BOOST_AUTO_TEST_CASE(what_it_replaces_is_kept_anew_and_can_come_back) {
  swap(*cluster, undo(9, 8), report);
  const auto trash = find_former(*cluster, of(9));
  BOOST_REQUIRE(trash);
  BOOST_TEST(trash->oid == second.oid);
  BOOST_TEST(trash->name == names.trash(second.oid, 9));
  BOOST_TEST(!trash->allow_connections);
  BOOST_TEST((*trash->marker->undo_until > wall_now() + 3500));
  BOOST_CHECK_THROW(drop_trash(*cluster, trash->name), Error);
  swap(*cluster, undo(10, 9), report);
  BOOST_TEST(word_in("shop_qa1") == "second");
  BOOST_TEST(find_former(*cluster, of(10))->oid == first.oid);
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_live_and_trash_as_they_were) {
  Swap bad = undo(9, 8);
  bad.owner = "eve";  // fails after both renames
  const std::string before = cluster->database(bad.copy)->comment;
  BOOST_CHECK_THROW(swap(*cluster, bad, report), SqlError);
  BOOST_TEST(word_in("shop_qa1") == "second");
  const auto trash = cluster->database(bad.copy);
  BOOST_REQUIRE(trash);
  BOOST_TEST(trash->oid == first.oid);
  BOOST_TEST(trash->comment == before);
  BOOST_TEST(trash->owner == "berth");
  BOOST_TEST(cluster->database("shop_qa1")->owner == "shop");
  BOOST_TEST(!trash->allow_connections);
}

BOOST_AUTO_TEST_CASE(a_copy_is_not_swapped_in_as_trash_nor_trash_as_a_copy) {
  Swap wrong = undo(9, 8);
  wrong.copy_kind = "spare";
  BOOST_CHECK_THROW(swap(*cluster, wrong, report), Error);
  wrong = order(copy(base("20261124030000", "third"), 9), 9);
  wrong.copy_kind = "trash";
  BOOST_CHECK_THROW(swap(*cluster, wrong, report), Error);
  BOOST_TEST(word_in("shop_qa1") == "second");
}

BOOST_AUTO_TEST_CASE(only_the_server_s_own_former_database_is_found) {
  BOOST_TEST(find_former(*cluster, of(8))->oid == first.oid);
  BOOST_TEST(!find_former(*cluster, of(7)));
  BOOST_TEST(!find_former(*cluster, {"shop", "qa2", 8}));
  BOOST_TEST(!find_former(*cluster, {"shopgit", "qa1", 8}));
}

BOOST_AUTO_TEST_CASE(a_copy_that_an_attempt_of_the_job_left_is_not_it) {
  const Database left = copy(base("20261124030000", "third"), 9);
  cluster->lock(left.name, Deadline::in_s(5));
  to_trash(*cluster, left, 9);
  BOOST_TEST(!find_former(*cluster, of(9)));
  swap(*cluster, undo(9, 8), report);
  BOOST_TEST(find_former(*cluster, of(9))->oid == second.oid);
}

BOOST_AUTO_TEST_CASE(a_database_planted_under_the_name_is_not_it) {
  root->run("DROP DATABASE " + root->identifier(names.trash(first.oid, 8)));
  const std::string name = names.trash(first.oid, 8);
  root->run("CREATE DATABASE " + root->identifier(name) + " OWNER shop");
  root->run("COMMENT ON DATABASE " + root->identifier(name) + " IS " +
            root->literal([&] {
              DatabaseMarker marker = *second.marker;
              marker.kind = "trash";
              marker.job = 7;
              marker.undo_until = wall_now() + 3600;
              return to_text(marker);
            }()));
  BOOST_TEST(!find_former(*cluster, of(8)));
  BOOST_TEST(tells(refusal(*cluster, of(8), wanted()), "it no longer exists"));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_it_is_said) {
  const std::string name = names.trash(first.oid, 8);
  BOOST_TEST(refusal(*cluster, of(8), wanted()) == "");
  FormerWanted other = wanted();
  other.oid = 17;
  BOOST_TEST(tells(refusal(*cluster, of(8), other), "had OID 17"));
  // Kept until the undo was accepted, which is all that counts.
  mark([](DatabaseMarker& m) { m.undo_until = wall_now() - 60; });
  BOOST_TEST(tells(refusal(*cluster, of(8), wanted()), "kept only until"));
  other = wanted();
  other.at = wall_now() - 3600;
  BOOST_TEST(refusal(*cluster, of(8), other) == "");
  mark([](DatabaseMarker& m) { m.undo_until = wall_now() + 60; });
  root->run("ALTER DATABASE " + root->identifier(name) + " OWNER TO eve");
  BOOST_TEST(tells(refusal(*cluster, of(8), wanted()), "not a member"));
  // As a Berth of before left it, until tidy takes it.
  root->run("ALTER DATABASE " + root->identifier(name) + " OWNER TO shop");
  BOOST_TEST(refusal(*cluster, of(8), wanted()) == "");
  other = wanted();
  other.owner = "eve";
  BOOST_TEST(
      tells(refusal(*cluster, of(8), other), "is owned by shop, neither"));
  root->run("ALTER DATABASE " + root->identifier(name) + " IS_TEMPLATE true");
  BOOST_TEST(tells(refusal(*cluster, of(8), wanted()), "template"));
  root->run("ALTER DATABASE " + root->identifier(name) + " IS_TEMPLATE false");
}

BOOST_AUTO_TEST_CASE(keep_makes_it_later_and_never_sooner) {
  const Instant before = *find_former(*cluster, of(8))->marker->undo_until;
  const Instant latest = before + 2000;
  BOOST_TEST(keep_former(*cluster, of(8), before - 1000, latest) == before);
  BOOST_TEST((find_former(*cluster, of(8))->marker->undo_until == before));
  BOOST_TEST(keep_former(*cluster, of(8), before + 1000, latest) ==
             before + 1000);
  const auto kept = find_former(*cluster, of(8));
  BOOST_TEST((kept->marker->undo_until == before + 1000));
  BOOST_TEST(kept->marker->job == 7);
  BOOST_CHECK_THROW(keep_former(*cluster, of(7), before, latest), Error);
  // Whatever its marker says.
  mark([](DatabaseMarker& m) { m.undo_until = wall_now() + 99'999'999; });
  BOOST_TEST(keep_former(*cluster, of(8), before, latest) == latest);
  BOOST_TEST((find_former(*cluster, of(8))->marker->undo_until == latest));
  // The lock is given back.
  BOOST_TEST(other(9)->try_lock(kept->name));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(plan)

BOOST_AUTO_TEST_CASE(a_plan_with_another_database_swaps) {
  Plan plan;
  BOOST_TEST(!plan.swaps());
  plan.live_oid = 17000;
  BOOST_TEST(!plan.swaps());
  plan.copy = "berth_80906223_t_17000_8";
  plan.copy_oid = 17000;
  BOOST_TEST(plan.swaps());
  const Plan read = from_json<Plan>(to_json(plan), "plan");
  BOOST_TEST(read.swaps());
  BOOST_TEST((read.copy_oid == 17000));
}

BOOST_AUTO_TEST_CASE(it_is_told_in_one_line) {
  Plan plan;
  plan.path = "trunk";
  plan.revision = "0123456789abcdef0123456789abcdef01234567";
  BOOST_TEST(plan.text("shop", "qa1") == "shop trunk@0123456789ab on qa1");
  plan.generation = "20261122030000";
  BOOST_TEST(plan.text("shop", "qa1") ==
             "shop trunk@0123456789ab on qa1, data 20261122030000");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
