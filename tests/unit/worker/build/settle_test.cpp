// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "store/database_name.hpp"
#include "temporary_dir.hpp"
#include "worker/build/build.hpp"
#include "worker/repository/repository.hpp"

namespace berth::worker {
namespace {

using By = Stopped::By;

JobResult result(By by, int attempt = 1, bool cancel = false) {
  Job job;
  job.attempt = attempt;
  if (cancel) job.cancel = CancelRequest{"bob", 0};
  return result_of_stop(job, {by, "checkout", "no such path"});
}

StepRecord record(const char* step, const char* event, const char* state = "",
                  json::value note = nullptr) {
  StepRecord out;
  out.step = step;
  out.event = event;
  out.state = state;
  out.note = std::move(note);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settle)

BOOST_AUTO_TEST_CASE(a_failure_is_failed_whatever_the_attempt) {
  BOOST_TEST((result(By::failure).outcome == Outcome::failed));
  BOOST_TEST(result(By::failure).failed_step == "checkout");
  BOOST_TEST(result(By::failure, 3).detail == "no such path");
  BOOST_TEST((result(By::failure, 1, true).outcome == Outcome::failed));
  BOOST_TEST(result(By::failure).faulty_server == "");
  Job job;
  job.server = "qa1";
  const JobResult unfit =
      result_of_stop(job, {By::failure, "preflight", "no answer", true});
  BOOST_TEST(unfit.faulty_server == "qa1");
  BOOST_TEST(job_result_from_json(to_json(unfit)).faulty_server == "qa1");
}

BOOST_AUTO_TEST_CASE(a_cancel_is_cancelled_also_after_a_death) {
  BOOST_TEST((result(By::cancel).outcome == Outcome::cancelled));
  BOOST_TEST((result(By::death, 1, true).outcome == Outcome::cancelled));
  BOOST_TEST((result(By::death, 3, true).outcome == Outcome::cancelled));
  BOOST_TEST((result(By::shutdown, 1, true).outcome == Outcome::cancelled));
}

BOOST_AUTO_TEST_CASE(a_death_is_tried_again_until_the_third_attempt) {
  BOOST_TEST((result(By::death, 1).outcome == Outcome::requeue));
  BOOST_TEST((result(By::death, 2).outcome == Outcome::requeue));
  BOOST_TEST((result(By::death, 3).outcome == Outcome::failed));
  BOOST_TEST(result(By::death, 3).failed_step == "checkout");
}

BOOST_AUTO_TEST_CASE(a_shutdown_is_requeued_any_number_of_times) {
  BOOST_TEST((result(By::shutdown, 9).outcome == Outcome::requeue));
}

BOOST_AUTO_TEST_CASE(nothing_of_these_is_committed) {
  for (const By by : {By::failure, By::cancel, By::shutdown, By::death}) {
    BOOST_TEST(!result(by).committed);
  }
}

BOOST_AUTO_TEST_CASE(the_steps_tell_how_far_it_got) {
  Plan plan;
  plan.path = "trunk";
  plan.live_oid = 17000;
  std::vector<StepRecord> records = {record("preflight", "start")};
  BOOST_TEST(!read_plan(records).plan);
  records.push_back(record("preflight", "end", "done", to_json(plan)));
  records.push_back(record("database", "start"));
  records.push_back(record("checkout", "start"));
  StepsRead read = read_plan(records);
  BOOST_TEST(read.plan->path == "trunk");
  BOOST_TEST((read.plan->live_oid == 17000));
  BOOST_TEST(!read.plan->copy_oid);
  BOOST_TEST(read.open.size() == 2u);
  records.push_back(record("database", "end", "done", {{"oid", 18000}}));
  records.push_back(record("checkout", "end", "failed"));
  read = read_plan(records);
  BOOST_TEST((read.plan->copy_oid == 18000));
  BOOST_TEST(read.open.empty());
  BOOST_TEST(!read.switch_begun);
  records.push_back(record("switch", "start"));
  BOOST_TEST(read_plan(records).switch_begun);
  BOOST_TEST(!read_plan(records).result);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(database_name)

const DatabaseNames kNames("80906223-cda3-41d4-9d98-2bf1e68cc5c2");

BOOST_AUTO_TEST_CASE(names_carry_the_site_and_fit) {
  BOOST_TEST(kNames.base("my-shop", "20261122030000") ==
             "berth_80906223_b_my_shop_20261122030000");
  BOOST_TEST(kNames.trash(17000, 12) == "berth_80906223_t_17000_12");
  const std::string longest(25, 'x');
  BOOST_TEST(kNames.copy(longest, "20261122030000", 999999999999999).size() <=
             63u);
  BOOST_CHECK_THROW(kNames.base(std::string(50, 'x'), "20261122030000"),
                    Error);
}

BOOST_AUTO_TEST_CASE(only_whole_trash_names_have_an_oid) {
  BOOST_TEST((kNames.trash_oid("berth_80906223_t_17000_12") == 17000));
  for (const char* name :
       {"berth_80906223_t_17000", "berth_80906223_t_17000_", "shop_qa1",
        "berth_80906223_t__12", "berth_80906223_t_x_12", "postgres",
        "berth_11111111_t_17000_12", "berth_80906223_b_17000_12",
        "berth_80906223_t_17000_12_1", "berth_80906223_t_-17000_12",
        "berth_80906223_t_1_12", "berth_80906223_t_17000_12x", ""}) {
    BOOST_TEST(!kNames.trash_oid(name), name);
  }
}

BOOST_AUTO_TEST_CASE(a_marker_reads_back_and_a_comment_is_none) {
  DatabaseMarker marker;
  marker.site = kNames.site();
  marker.kind = "live";
  marker.state = "ready";
  marker.application = "shop";
  marker.generation = "20261122030000";
  marker.server = "qa1";
  marker.job = 12;
  marker.data_at = 1000;
  BOOST_TEST((parse_marker(to_text(marker)) == marker));
  for (const char* comment :
       {"", "default administrative connection database", "{", "{}", "[]",
        "{\"berth\":2}", "{\"berth\":1}", "{\"berth\":1,\"site\":7}"}) {
    BOOST_TEST(!parse_marker(comment), comment);
  }
  std::string odd = to_text(marker);
  odd.replace(odd.find("live"), 4, "evil");
  BOOST_TEST(!parse_marker(odd));
  // Its owner can write it.
  for (const std::int64_t job : {std::int64_t{-1}, std::int64_t{1} << 62}) {
    marker.job = job;
    BOOST_TEST(!parse_marker(to_text(marker)), job);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(repository)

BOOST_AUTO_TEST_CASE(an_svn_address_is_encoded_and_pegged) {
  BOOST_TEST(svn_url("svn://h/shop", "branches/a b%é@", "HEAD") ==
             "svn://h/shop/branches/a%20b%25%C3%A9%40@HEAD");
}

BOOST_AUTO_TEST_CASE(a_dangerous_path_is_refused_before_anything_runs) {
  ApplicationConfig shop;
  shop.name = "shop";
  Link link{Fd()};
  for (const char* kind : {"svn", "git"}) {
    shop.kind = kind;
    shop.repository = "file:///nonexistent";
    for (const char* path : {"-x", "../up", "/abs", "a\nb", "a//b", ""}) {
      BOOST_CHECK_THROW(
          resolve_revision(shop, path, "", link, Deadline::in_s(5)), Error);
    }
    BOOST_CHECK_THROW(
        resolve_revision(shop, "trunk", "--x", link, Deadline::in_s(5)), Error);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::worker
