// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "postgres.hpp"
#include "worker/copy.hpp"
#include "worker/publish.hpp"
#include "worker/swap.hpp"
#include "worker/tidy.hpp"
#include "worker/trash.hpp"

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

BOOST_AUTO_TEST_CASE(a_copy_whose_job_is_over_goes_in_two_rounds) {
  const Database made = copy(base("20261122030000", "data"), 7);
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(!exists(made.name));
  BOOST_TEST(exists(names.trash(made.oid, 7)));
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(!exists(names.trash(made.oid, 7)));
  BOOST_TEST(tidy(*cluster, nobody).empty());
  BOOST_TEST(look_at(*cluster).bases.size() == 1u);
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
  tidy(*second, nobody);
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

BOOST_AUTO_TEST_CASE(what_is_not_ours_is_told_and_left) {
  root->run("CREATE DATABASE berth_80906223_t_1_2");
  root->run("CREATE DATABASE berth_80906223_b_shop_20260101000000");
  root->run("CREATE DATABASE berth_11111111_s_shop_20260101000000_1");
  root->run("CREATE DATABASE somebodys");
  BOOST_TEST(tidy(*cluster, nobody).size() == 2u);
  BOOST_TEST(cluster->databases().size() == 5u);  // and postgres
}

BOOST_AUTO_TEST_CASE(publish_makes_a_base_that_nobody_can_change) {
  root->run("CREATE DATABASE restored OWNER shop");
  Config all;
  all.applications["shop"] = shop();
  const std::string name = publish(*cluster, all, shop(), "restored",
                                   Instant{1000}, 7, report,
                                   Deadline::in_s(60));
  BOOST_TEST(!exists("restored"));
  const auto made = cluster->database(name);
  BOOST_REQUIRE(made);
  BOOST_TEST(made->is_template);
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
                              report, Deadline::in_s(60)),
                      Error);
  }
  BOOST_TEST(exists("used"));
  BOOST_TEST(exists("eves"));
  BOOST_TEST(exists("shop_qa1"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
