// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/claim.hpp"

#include <boost/test/unit_test.hpp>

#include "worker/cluster/trash.hpp"
#include "worker/postgres.hpp"

namespace berth::worker {
namespace {

const std::string kGeneration = "20261122030000";

struct SpareFixture : ClusterFixture {
  Database from = base(kGeneration, "data");

  // What job 5 made and left to wait.
  Database spare(std::int64_t job = 5) {
    CopyOrder order;
    order.base = from;
    order.name = names.copy("shop", kGeneration, job);
    order.job = job;
    const Database made =
        copy_base(*cluster, order, report, Deadline::in_s(60));
    cluster->unlock(order.name);
    return made;
  }
  ClaimOrder claim(std::int64_t job = 7) {
    return {"shop", kGeneration, names.copy("shop", kGeneration, job), "qa1",
            job};
  }
  std::size_t ready() {
    return spares_of(cluster->databases(), *cluster, "shop", kGeneration)
        .size();
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(claim_of_spares, SpareFixture)

BOOST_AUTO_TEST_CASE(a_spare_waits_as_ours_and_takes_no_connections) {
  const Database made = spare();
  BOOST_TEST(is_spare(*cluster, made));
  BOOST_TEST(made.owner == "berth");
  BOOST_TEST(!made.allow_connections);
  BOOST_CHECK_THROW(connect("shop", made.name), Error);
  BOOST_CHECK_THROW(connect("root", made.name), Error);
}

BOOST_AUTO_TEST_CASE(a_claimed_spare_is_the_builds_and_no_spare_any_more) {
  const Database made = spare();
  const auto claimed = claim_spare(*cluster, claim(), report);
  BOOST_REQUIRE(claimed);
  BOOST_TEST(claimed->oid == made.oid);
  BOOST_TEST(claimed->name == names.copy("shop", kGeneration, 7));
  BOOST_TEST(claimed->marker->state == "claimed");
  BOOST_TEST(claimed->marker->server == "qa1");
  BOOST_TEST(claimed->marker->job == 7);
  BOOST_TEST(!exists(made.name));
  BOOST_TEST(ready() == 0u);
  BOOST_TEST(!claim_spare(*other(8), claim(8), report));
}

BOOST_AUTO_TEST_CASE(each_of_two_builds_gets_one) {
  spare(5);
  spare(6);
  const auto second = other(8);
  const auto first_claim = claim_spare(*cluster, claim(7), report);
  const auto second_claim = claim_spare(*second, claim(8), report);
  BOOST_REQUIRE(first_claim);
  BOOST_REQUIRE(second_claim);
  BOOST_TEST(first_claim->oid != second_claim->oid);
}

BOOST_AUTO_TEST_CASE(one_that_somebody_works_on_is_passed_by) {
  const Database held = spare(5);
  const auto second = other(0);
  BOOST_TEST(second->try_lock(held.name));
  BOOST_TEST(!claim_spare(*cluster, claim(), report));
  const Database free = spare(6);
  BOOST_TEST(claim_spare(*cluster, claim(), report)->oid == free.oid);
  BOOST_TEST(exists(held.name));
}

BOOST_AUTO_TEST_CASE(one_with_the_name_of_the_build_itself_is_taken) {
  const Database made = spare(7);  // a job 100,000 numbers ago
  BOOST_TEST(claim_spare(*cluster, claim(7), report)->oid == made.oid);
}

BOOST_AUTO_TEST_CASE(a_comment_alone_makes_no_spare) {
  const Database made = spare();
  const DatabaseMarker marker = *made.marker;
  // The right name and marker, but the application's role owns it.
  const std::string name = names.copy("shop", kGeneration, 9);
  DatabaseMarker written = marker;
  written.job = 9;
  root->run("CREATE DATABASE " + root->identifier(name) +
            " OWNER shop ALLOW_CONNECTIONS false");
  root->run("COMMENT ON DATABASE " + root->identifier(name) + " IS " +
            root->literal(to_text(written)));
  // Ours, but by another name.
  cluster->sql().run("CREATE DATABASE aside ALLOW_CONNECTIONS false");
  cluster->comment("aside", marker);
  BOOST_TEST(ready() == 1u);
  // Each of these is enough to be none.
  const auto is_none = [&](const DatabaseMarker& other_marker) {
    Database d = made;
    d.marker = other_marker;
    return !is_spare(*cluster, d);
  };
  DatabaseMarker other_marker = marker;
  other_marker.site = kOtherSite;
  BOOST_TEST(is_none(other_marker));
  other_marker = marker;
  other_marker.state = "claimed";
  BOOST_TEST(is_none(other_marker));
  other_marker = marker;
  other_marker.server = "qa1";
  BOOST_TEST(is_none(other_marker));
  other_marker = marker;
  other_marker.kind = "live";
  BOOST_TEST(is_none(other_marker));
  other_marker = marker;
  other_marker.generation = "20261122040000";
  BOOST_TEST(is_none(other_marker));
  Database open = made;
  open.allow_connections = true;
  BOOST_TEST(!is_spare(*cluster, open));
  BOOST_TEST(is_spare(*cluster, made));
}

BOOST_AUTO_TEST_CASE(one_that_changed_since_it_was_seen_stays_as_it_is) {
  // Its marker is written anew between looking and renaming: the look under
  // the rename's lock sees it, and the rename is taken back.
  const Database made = spare();
  const auto busy = connect("berth", "postgres");
  DatabaseMarker marker = *made.marker;
  marker.state = "claimed";
  marker.job = 99;
  busy->run("BEGIN");
  busy->run("COMMENT ON DATABASE " + busy->identifier(made.name) + " IS " +
            busy->literal(to_text(marker)));
  // The rename waits for that transaction's lock, and is told when it ends.
  const auto waits = [&] { return claim_spare(*cluster, claim(), report); };
  BOOST_TEST(!waits());  // lock_timeout: it is left alone
  BOOST_TEST(report.says("cannot be claimed"));
  busy->run("COMMIT");
  BOOST_TEST(!waits());
  BOOST_TEST(cluster->database(made.name)->marker->job == 99);
}

BOOST_AUTO_TEST_CASE(a_claimed_one_can_be_thrown_away) {
  spare();
  const auto claimed = claim_spare(*cluster, claim(), report);
  to_trash(*cluster, *claimed, 7);
  BOOST_TEST(exists(names.trash(claimed->oid, 7)));
  BOOST_TEST(ready() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
