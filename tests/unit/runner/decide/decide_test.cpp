// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(decide)

using namespace berth;
using namespace berth::runner;

namespace {

struct Row {
  const char* what;
  Drop drop;
  int status;
  const char* part;  // of the detail
};

int numbers_given = 0;

Receipt decided(const World& world, const Drop& drop) {
  return berth::runner::decided_and_read(world, drop, [] { return 7 + numbers_given++; });
}

void check(const World& world, const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      const Receipt got = decided(world, row.drop);
      BOOST_TEST(got.status == row.status);
      BOOST_TEST_CONTEXT(got.detail) {
        BOOST_TEST((got.detail.find(row.part) != std::string::npos));
      }
      BOOST_TEST(got.accepted == (row.status < 300));
      if (!got.accepted) {
        BOOST_TEST(got.effects.empty());
        BOOST_TEST(!got.job.has_value());
      }
    }
  }
}

std::string kinds(const Receipt& receipt) {
  std::string out;
  for (const auto& effect : receipt.effects) {
    out += std::string(effect.at("kind").as_string()) + " ";
  }
  return out;
}

Hold hold_in(const Receipt& receipt) {
  for (const auto& effect : receipt.effects) {
    if (effect.at("kind") == "hold") return from_json<Hold>(effect.at("hold"));
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(reserving_follows_the_table) {
  World world = small_console();
  world.servers["qa2"].hold = hold_of("eve");
  world.servers["qa3"].hold = hold_of("eve");
  world.servers["qa3"].taken_over_by = "carol";
  check(world, {
    {"a free server", drop_of("bob", "reserve", "qa1", R"({"hours":2})"),
     201, "held by bob until"},
    {"a guest that is off can be held",
     drop_of("bob", "reserve", "qa4", R"({"hours":2})"), 201, "qa4"},
    {"somebody else's", drop_of("bob", "reserve", "qa2", R"({"hours":2})"),
     409, "held by eve until"},
    {"no such server", drop_of("bob", "reserve", "qa9", "{}"), 404, "qa9"},
    {"a path for a name", drop_of("bob", "reserve", "../x", "{}"), 404, "no"},
    {"no time at all", drop_of("bob", "reserve", "qa1", R"({"hours":0})"),
     400, "more than 0"},
    {"less than none", drop_of("bob", "reserve", "qa1", R"({"hours":-3})"),
     400, "more than 0"},
    {"words for hours", drop_of("bob", "reserve", "qa1", R"({"hours":"2"})"),
     400, "hours"},
    {"an unknown member", drop_of("bob", "reserve", "qa1",
     R"({"hours":2,"forever":true})"), 400, "forever"},
    {"a note with a bell", drop_of("bob", "reserve", "qa1",
     R"({"hours":2,"note":"a\u0007b"})"), 400, "control"},
    {"take-over by anyone", drop_of("bob", "reserve", "qa2",
     R"({"hours":2,"take_over":true})"), 403, "admin"},
    {"of what is not there", drop_of("bob", "reserve", "qa9",
     R"({"hours":2,"take_over":true})"), 403, "admin"},
    {"take-over by an admin", drop_of("carol", "reserve", "qa2",
     R"({"hours":2,"take_over":true})"), 200, "from eve to carol"},
    {"while somebody takes it over", drop_of("bob", "reserve", "qa3",
     R"({"hours":2})"), 409, "being taken over by carol"},
  });
}

BOOST_AUTO_TEST_CASE(a_hold_is_capped_and_never_shortened) {
  World world = small_console();
  Receipt got = decided(
      world, drop_of("bob", "reserve", "qa1", R"({"hours":1e300})"));
  BOOST_TEST(hold_in(got).until == kNow + world.config.longest_hold);
  world.servers["qa1"].hold = hold_of("bob");
  world.servers["qa1"].hold->until = kNow + 7200;
  got = decided(world, drop_of("bob", "reserve", "qa1", R"({"hours":3})"));
  BOOST_TEST(got.status == 200);
  BOOST_TEST(hold_in(got).until == kNow + 3 * 3600);
  BOOST_TEST(hold_in(got).since == kNow - 60);
  got = decided(world, drop_of("bob", "reserve", "qa1", R"({"hours":1})"));
  BOOST_TEST(got.status == 200);
  BOOST_TEST(got.effects.empty());
}

BOOST_AUTO_TEST_CASE(an_extension_keeps_the_newest_note) {
  World world = small_console();
  world.servers["qa1"].hold = hold_of("bob");
  world.servers["qa1"].hold->note = "sprint 12";
  const auto note = [&](const char* action, const std::string& arguments) {
    return hold_in(decided(world, drop_of("bob", action, "qa1", arguments)))
        .note;
  };
  BOOST_TEST(note("reserve", R"({"hours":5})") == "sprint 12");
  BOOST_TEST(note("reserve", R"({"hours":5,"note":"sprint 13"})") ==
             "sprint 13");
  // Also where the hold is long enough, and where there is to be none.
  BOOST_TEST(note("reserve", R"({"hours":0.5,"note":"sprint 13"})") ==
             "sprint 13");
  BOOST_TEST(note("reserve", R"({"hours":5,"note":""})") == "");
  const std::string build =
      R"({"application":"shop","path":"trunk","release":"always")";
  BOOST_TEST(note("build", build + "}") == "sprint 12");
  BOOST_TEST(note("build", build + R"(,"note":"a fix"})") == "a fix");
}

BOOST_AUTO_TEST_CASE(a_refusal_tells_who_until_when_and_what_is_free) {
  World world = small_console();
  world.servers["qa1"].hold = hold_of("eve");
  const Receipt got =
      decided(world, drop_of("bob", "reserve", "qa1", R"({"hours":2})"));
  BOOST_TEST(json::serialize(got.extra.at("holder")) == R"("eve")");
  const std::string until(got.extra.at("until").as_string());
  BOOST_TEST(until == rfc3339(kNow + 3600));
  BOOST_TEST(json::serialize(got.extra.at("free")) ==
             R"(["live1","qa2","qa3"])");
  // For a build those that its application may be built on.
  const Receipt build = decided(world, drop_of("bob", "build", "qa1", kBuild));
  BOOST_TEST(build.status == 409);
  BOOST_TEST(build.detail == got.detail);
  BOOST_TEST(json::serialize(build.extra.at("holder")) == R"("eve")");
  BOOST_TEST(json::serialize(build.extra.at("free")) == R"(["qa2","qa3"])");
  // Also where the server changes hands.
  world.servers["qa1"].taken_over_by = "carol";
  for (const char* action : {"reserve", "build"}) {
    const Receipt taken = decided(
        world, drop_of("bob", action, "qa1",
                       *action == 'b' ? kBuild : R"({"hours":2})"));
    BOOST_TEST(taken.status == 409);
    BOOST_TEST(taken.detail == "qa1 is being taken over by carol");
    BOOST_TEST(json::serialize(taken.extra.at("holder")) == R"("eve")");
  }
}

BOOST_AUTO_TEST_CASE(a_take_over_cancels_and_waits_for_the_job_that_runs) {
  World world = small_console();
  world.servers["qa1"].hold = hold_of("bob");
  world.jobs[3] = job_on("qa1", 3, "bob", JobState::running);
  world.jobs[4] = job_on("qa1", 4, "bob", JobState::queued);
  const Drop drop = drop_of("carol", "reserve", "qa1",
                            R"({"hours":2,"take_over":true})");
  Receipt got = decided(world, drop);
  BOOST_TEST(got.status == 202);
  BOOST_TEST(kinds(got) == "cancel cancel hold ");
  BOOST_TEST(got.effects.back().at("after_job").as_int64() == 3);
  // Past its commit point it is waited for, not cancelled.
  world.jobs[3].past_cancel = true;
  got = decided(world, drop);
  BOOST_TEST(kinds(got) == "cancel hold ");
  BOOST_TEST(got.effects.front().at("job").as_int64() == 4);
  BOOST_TEST(got.effects.back().at("after_job").as_int64() == 3);
}

BOOST_AUTO_TEST_CASE(releasing_follows_the_table) {
  World world = small_console();
  world.servers["qa1"].hold = hold_of("bob");
  world.servers["qa2"].hold = hold_of("eve");
  world.servers["qa3"].hold = hold_of("bob");
  world.jobs[3] = job_on("qa3", 3, "bob", JobState::queued);
  Drop late = drop_of("bob", "release", "qa1", "{}");
  late.at = kNow - 301;
  check(world, {
    {"one's own", drop_of("bob", "release", "qa1", "{}"), 204, "released"},
    {"a free one", drop_of("bob", "release", "live1", "{}"), 204, "free"},
    {"somebody else's", drop_of("bob", "release", "qa2", "{}"), 403, "eve"},
    {"by an admin", drop_of("carol", "release", "qa2", "{}"), 204, "released"},
    {"by berthctl", drop_of("root", "release", "qa2", "{}", 0), 204, "rel"},
    {"with a job on it", drop_of("bob", "release", "qa3", "{}"), 409,
     "job 3 on qa3 has not ended"},
    {"after five minutes", late, 410, "five minutes"},
    {"no such server", drop_of("bob", "release", "qa9", "{}"), 404, "qa9"},
    {"with arguments", drop_of("bob", "release", "qa1", R"({"x":1})"), 400,
     "x"},
  });
}

BOOST_AUTO_TEST_CASE(building_follows_the_table) {
  World world = small_console();
  world.servers["qa2"].hold = hold_of("eve");
  world.servers["qa3"].fresh = false;
  world.servers["qa3"].stale_reason = "host kvm1 is unreachable";
  const auto build = [](const std::string& target, const std::string& a) {
    return drop_of("bob", "build", target, a);
  };
  check(world, {
    {"on a free server", build("qa1", kBuild), 201, "builds shop on qa1"},
    {"on somebody else's", build("qa2", kBuild), 409, "held by eve"},
    {"where the host is away", build("qa3", kBuild), 409, "unreachable"},
    {"on a guest that is off", build("qa4", kBuild), 409, "shut off"},
    {"where it may not be", build("live1", kBuild), 403, "not be built on"},
    {"no such server", build("qa9", kBuild), 404, "qa9"},
    {"no such application", build("qa1",
     R"({"application":"blog","path":"trunk","checkout":true})"), 400, "blog"},
    {"nothing to do", build("qa1",
     R"({"application":"shop","path":"trunk","checkout":false})"), 400,
     "nothing to do"},
    {"the first one without a checkout", build("qa1",
     R"({"application":"shop","database":"newest","checkout":false})"), 409,
     "needs a checkout"},
    {"a base that is not there", build("qa1",
     R"({"application":"shop","path":"trunk","database":"20251122024100"})"),
     409, "bases: 20261122024100"},
    {"data for an application without", build("qa1",
     R"({"application":"site","path":"main","database":"newest"})"), 400,
     "no database"},
    {"a path that leaves the repository", build("qa1",
     R"({"application":"shop","path":"trunk/../../etc","checkout":true})"),
     400, "leaves the repository"},
    {"a path that is an option", build("qa1",
     R"({"application":"shop","path":"--config-dir=x","checkout":true})"),
     400, "start with '-'"},
    {"git's rules for a git application", build("qa1",
     R"({"application":"site","path":"a b","checkout":true})"), 400, "space"},
    {"svn's revision for git", build("qa1",
     R"({"application":"site","path":"main","revision":"12"})"), 400,
     "revision"},
    {"an unknown release", build("qa1",
     R"({"application":"shop","path":"trunk","release":"later"})"), 400,
     "release"},
  });
}

BOOST_AUTO_TEST_CASE(a_build_on_a_free_server_takes_it_in_the_same_receipt) {
  const World world = small_console();
  const Receipt got = decided(
      world, drop_of("bob", "build", "qa1",
                     R"({"application":"shop","path":"trunk",)"
                     R"("database":"none","checkout":true,)"
                     R"("release":"on_success"})"));
  BOOST_TEST(kinds(got) == "hold job ");
  BOOST_TEST(hold_in(got).user == "bob");
  BOOST_TEST(hold_in(got).until == kNow + world.config.default_hold);
  BOOST_TEST(hold_in(got).release == "on_success");
  BOOST_TEST(hold_in(got).job.value() == got.job.value());
}

BOOST_AUTO_TEST_CASE(a_generation_that_is_gone_is_refused_with_those_kept) {
  World world = small_console();
  auto& bases = world.clusters["db1"].bases;
  Generation older = bases.at(0);
  older.generation = "20261120024100";
  bases.push_back(older);
  const Receipt got = decided(world, drop_of("bob", "build", "qa1",
      R"({"application":"shop","path":"trunk","checkout":true,)"
      R"("database":"20260101000000"})"));
  BOOST_TEST(got.status == 409);
  BOOST_TEST(got.detail.find("bases: 20261122024100, 20261120024100") !=
             std::string::npos, got.detail);
  BOOST_TEST(json::serialize(got.extra.at("generations")) ==
             R"(["20261122024100","20261120024100"])");
  BOOST_TEST(decided(world, drop_of("bob", "build", "qa1",
      R"({"application":"shop","path":"trunk","checkout":true,)"
      R"("database":"20261120024100"})")).status == 201);
}

BOOST_AUTO_TEST_CASE(any_prefers_who_carries_the_application_then_the_name) {
  World world = small_console();
  const Drop any = drop_of("bob", "build", "*", kBuild);
  BOOST_TEST(decided(world, any).server == "qa1");
  Configuration shop;
  shop.application = "shop";
  world.servers["qa3"].configuration = shop;
  BOOST_TEST(decided(world, any).server == "qa3");
  world.jobs[3] = job_on("qa3", 3, "eve", JobState::running);
  BOOST_TEST(decided(world, any).server == "qa1");
  for (const char* name : {"qa1", "qa2"}) {
    world.servers[name].hold = hold_of("bob");
  }
  const Receipt none = decided(world, any);
  BOOST_TEST(none.status == 409);
  BOOST_TEST(none.extra.at("free").as_array().empty());
}

BOOST_AUTO_TEST_CASE(data_alone_keeps_the_code_that_will_be_there) {
  World world = small_console();
  const std::string data = R"({"application":"shop","database":"newest"})";
  const auto with = [&](const std::string& more) {
    return data.substr(0, data.size() - 1) + "," + more + "}";
  };
  const auto build = [](const std::string& arguments) {
    return drop_of("bob", "build", "qa1", arguments);
  };
  world.servers["qa2"].configuration = trunk_of(5);
  world.servers["qa2"].configuration->application = "site";
  check(world, {
    {"where nothing is", build(data), 409,
     "qa1 has no application: the first build of shop on it needs a checkout"},
    {"where another application is", drop_of("bob", "build", "qa2", data), 409,
     "qa2 has site, not shop"},
    {"on any server", drop_of("bob", "build", "*", data), 409,
     "needs a checkout and a path"},
    {"but a checkout", build(with(R"("checkout":true)")), 400,
     "path: is missing"},
  });
  const auto kept = [&](const std::string& arguments, const char* action) {
    const Receipt got = decided(world, drop_of("bob", action, "qa1", arguments));
    BOOST_TEST_REQUIRE(got.accepted, got.detail);
    for (const auto& effect : got.effects) {
      if (effect.at("kind") != "job") continue;
      const Job job = job_from_json(effect.at("job"));
      BOOST_TEST(!job.flag("checkout"));
      return job.text("path") + "@" + job.text("revision");
    }
    return std::string("no job");
  };
  world.servers["qa1"].configuration = trunk_of(5);
  for (const char* action : {"build", "preview"}) {
    BOOST_TEST(kept(data, action) == "trunk@7");
    BOOST_TEST(kept(with(R"("path":"trunk","checkout":false)"), action) ==
               "trunk@7");
  }
  BOOST_TEST(decided(world, build(data)).detail.ends_with(
      "builds shop on qa1 (database only, trunk@7 remains)"));
  check(world, {
    {"another path", build(with(R"("path":"tags/1","checkout":false)")), 409,
     "qa1 has trunk@7, which remains without a checkout"},
    {"another revision", build(with(R"("revision":"8","checkout":false)")),
     409, "qa1 has trunk@7, which remains without a checkout"},
  });
  // What a job before it will leave there.
  world.jobs[6] = job_on("qa1", 6, "bob", JobState::queued);
  world.jobs[6].job.arguments["path"] = "branches/x";
  BOOST_TEST(kept(data, "build") == "branches/x@");
  world.jobs[6].job.cancel = CancelRequest{"bob", kNow};
  BOOST_TEST(kept(data, "build") == "trunk@7");
  world.jobs[7] = job_on("qa1", 7, "bob", JobState::queued);
  world.jobs[7].job.kind = JobKind::undo;
  Configuration before = trunk_of(4);
  before.path = "tags/1.0";
  world.jobs[7].job.arguments = {{"job", 5}, {"previous", to_json(before)}};
  BOOST_TEST(kept(data, "build") == "tags/1.0@7");
  // A snapshot's is its own; so is the guest's word then.
  world.jobs[8] = job_on("qa1", 8, "bob", JobState::queued);
  world.jobs[8].job.kind = JobKind::snapshot;
  world.jobs[8].job.arguments = {{"action", "revert"}, {"name", "s"}};
  BOOST_TEST(kept(data, "build") == "@");
}

// It once took the first by name, though nothing had ever answered there.
BOOST_AUTO_TEST_CASE(any_begins_with_servers_that_are_known_to_work) {
  World world = small_console();
  const Drop any = drop_of("bob", "build", "*", kBuild);
  const auto first = [&] { return decided(world, any).server; };
  world.servers["qa3"].domain.addresses = {"192.0.2.3"};
  BOOST_TEST(first() == "qa3");
  world.servers["qa2"].last_job =
      json::object{{"outcome", "succeeded"}};
  BOOST_TEST(first() == "qa2");
  Configuration site;
  site.application = "site";
  world.servers["qa1"].configuration = site;
  BOOST_TEST(first() == "qa1");
  world.servers["qa1"].faulty = true;
  BOOST_TEST(first() == "qa2");
  world.servers["qa2"].faulty = world.servers["qa3"].faulty = true;
  BOOST_TEST(first() == "qa1");
  const Receipt got = decided(world, any);
  const auto job = job_from_json(got.effects.at(1).at("job"));
  BOOST_TEST(job.any_server);
  BOOST_TEST(json::serialize(got.effects.at(0)).find("\"made_by\"") !=
             std::string::npos);
  BOOST_TEST(!job_from_json(decided(world, drop_of("bob", "build", "qa1",
                                                   kBuild))
                                .effects.at(1)
                                .at("job"))
                  .any_server);
}

// A full disk is no server's fault that a build can name, and the next build
// was sent there again.
BOOST_AUTO_TEST_CASE(any_comes_last_to_where_the_last_build_failed) {
  World world = small_console();
  const auto first = [&] {
    return decided(world, drop_of("bob", "build", "*", kBuild)).server;
  };
  Configuration shop;
  shop.application = "shop";
  world.servers["qa1"].configuration = world.servers["qa2"].configuration =
      shop;
  BOOST_TEST(first() == "qa1");
  const auto last = [](const char* kind, const char* outcome,
                       const char* step) {
    return json::object{
        {"kind", kind}, {"outcome", outcome}, {"failed_step", step}};
  };
  world.servers["qa1"].last_job = last("build", "failed", "checkout");
  BOOST_TEST(first() == "qa2");
  world.servers["qa2"].last_job = last("build", "failed", "restart");
  BOOST_TEST(first() == "qa3");  // which carries nothing
  world.servers["qa3"].faulty = true;
  BOOST_TEST(first() == "qa1");
  // What shows nothing about the next build there.
  for (const auto& harmless :
       {last("build", "failed", "preflight"), last("build", "cancelled", ""),
        last("build", "succeeded", ""), last("snapshot", "failed", "take")}) {
    world.servers["qa2"].last_job = harmless;
    BOOST_TEST(first() == "qa2", harmless);
  }
}

// It was sent to a server without the database, where it had to fail.
BOOST_AUTO_TEST_CASE(any_without_a_database_goes_where_there_is_one) {
  World world = small_console();
  Configuration shop;
  shop.application = "shop";
  world.servers["qa2"].configuration = shop;
  world.servers["qa2"].last_job = {{"kind", "build"},
                                   {"outcome", "failed"},
                                   {"failed_step", "verify"}};
  const auto first = [&](const std::string& database) {
    return decided(world, drop_of("bob", "build", "*",
                                  R"({"application":"shop","path":"trunk",)"
                                  R"("checkout":true,"database":")" +
                                      database + "\"}")).server;
  };
  BOOST_TEST(first("newest") == "qa1");
  BOOST_TEST(first("none") == "qa2");
}

BOOST_AUTO_TEST_CASE(previewing_follows_the_table) {
  World world = small_console();
  world.servers["qa2"].hold = hold_of("eve");
  world.jobs[3] = job_on("qa3", 3, "eve", JobState::running);
  const std::string kData =
      R"({"application":"shop","database":"newest","checkout":false})";
  check(world, {
    {"a free server", drop_of("bob", "preview", "qa1", kBuild), 201,
     "previews a build of shop on qa1"},
    {"somebody else's", drop_of("bob", "preview", "qa2", kBuild), 201, "qa2"},
    {"one with a job", drop_of("bob", "preview", "qa3", kBuild), 201, "qa3"},
    {"one that is off", drop_of("bob", "preview", "qa4", kBuild), 409,
     "shut off"},
    {"none", drop_of("bob", "preview", "qa9", kBuild), 404, "no server"},
    {"any", drop_of("bob", "preview", "*", kBuild), 404, "no server"},
    {"where it is not built", drop_of("bob", "preview", "live1", kBuild), 403,
     "not be built on"},
    {"another application", drop_of("bob", "preview", "qa1",
     R"({"application":"blog","path":"trunk"})"), 400, "no application"},
    {"a hold", drop_of("bob", "preview", "qa1",
     R"({"application":"shop","path":"trunk","release":"always"})"), 400,
     "takes no hold"},
    {"data alone, without a checkout", drop_of("bob", "preview", "qa1", kData),
     409, "needs a checkout"},
  });
  BOOST_TEST(kinds(decided(world, drop_of("bob", "preview", "qa1", kBuild))) ==
             "job ");
}

BOOST_AUTO_TEST_CASE(checking_follows_the_table) {
  World world = small_console();
  Configuration on;
  on.application = "shop";
  on.job = 5;
  for (const char* name : {"qa1", "qa2", "qa4"}) {
    world.servers[name].configuration = on;
  }
  world.servers["qa2"].configuration->application = "gone";
  world.servers["qa1"].hold = hold_of("eve");
  check(world, {
    {"what somebody built", drop_of("bob", "check", "qa1", "{}"), 201,
     "checks qa1"},
    {"nothing there", drop_of("bob", "check", "qa3", "{}"), 409,
     "nothing was built"},
    {"an application that is gone", drop_of("bob", "check", "qa2", "{}"), 409,
     "application gone of qa2"},
    {"one that is off", drop_of("bob", "check", "qa4", "{}"), 409, "shut off"},
    {"none", drop_of("bob", "check", "qa9", "{}"), 404, "no server"},
    {"with members", drop_of("bob", "check", "qa1", R"({"build":1})"), 400,
     "build"},
  });
}

// Previews run beside everything else: nobody finds a server taken by one.
BOOST_AUTO_TEST_CASE(a_server_with_a_preview_is_free_for_all_else) {
  World world = small_console();
  world.jobs[3] = job_on("qa1", 3, "eve", JobState::running);
  BOOST_TEST(std::ranges::count(world.free_servers(), "qa1") == 0);
  world.jobs[3].job.kind = JobKind::preview;
  BOOST_TEST(world.free_servers().at(1) == "qa1");  // after live1
  BOOST_TEST(world.active_on("qa1") == nullptr);
  const Receipt got = decided(world, drop_of("bob", "build", "qa1", kBuild));
  BOOST_TEST(got.status == 201);
}

BOOST_AUTO_TEST_CASE(a_base_published_after_the_last_look_is_not_refused) {
  World world = small_console();
  world.clusters["db1"].bases.clear();
  const Drop build = drop_of("bob", "build", "qa1", kBuild);
  BOOST_TEST(decided(world, build).status == 409);
  world.changed["db1"] = kNow;
  BOOST_TEST(decided(world, build).status == 201);
  world.clusters["db1"].as_of = kNow + 1;
  BOOST_TEST(decided(world, build).status == 409);
}

BOOST_AUTO_TEST_CASE(cancelling_follows_the_table) {
  World world = small_console();
  world.last_number = 9;
  world.servers["qa1"].hold = hold_of("dave");
  world.jobs[3] = job_on("qa1", 3, "bob", JobState::running);
  world.jobs[4] = job_on("qa2", 4, "eve", JobState::queued);
  world.jobs[5] = job_on("qa3", 5, "bob", JobState::running);
  world.jobs[5].past_cancel = true;
  world.jobs[6] = job_on("qa1", 6, "root", JobState::running);
  world.jobs[6].job.kind = JobKind::retire;
  world.jobs[7] = job_on("qa1", 7, "carol", JobState::queued);
  world.jobs[7].job.kind = JobKind::provision;
  for (const auto& [id, kind] : {std::pair{1, JobKind::preview},
                                 std::pair{2, JobKind::check}}) {
    world.jobs[id] = job_on("qa1", id, "bob", JobState::running);
    world.jobs[id].job.kind = kind;
  }
  Drop late = drop_of("bob", "cancel", "3", "{}");
  late.at = kNow - 301;
  check(world, {
    {"one's own", drop_of("bob", "cancel", "3", "{}"), 202, "being cancelled"},
    {"on a server one holds", drop_of("dave", "cancel", "3", "{}"), 202, "3"},
    {"by an admin", drop_of("carol", "cancel", "4", "{}"), 200, "before"},
    {"root's own, on a server one holds", drop_of("dave", "cancel", "6", "{}"),
     403, "belongs to root"},
    {"the server one holds being made", drop_of("dave", "cancel", "7", "{}"),
     403, "belongs to carol"},
    {"root's own, by an admin", drop_of("carol", "cancel", "6", "{}"), 202,
     "being"},
    {"somebody else's", drop_of("bob", "cancel", "4", "{}"), 403,
     "to eve; only its owner, the holder of the server or an admin may"},
    {"a preview on a server one holds", drop_of("dave", "cancel", "1", "{}"),
     403, "to bob; only its owner or an admin may"},
    {"a check on a server one holds", drop_of("dave", "cancel", "2", "{}"),
     403, "to bob; only its owner or an admin may"},
    {"one's own preview", drop_of("bob", "cancel", "1", "{}"), 202, "being"},
    {"a check, by an admin", drop_of("carol", "cancel", "2", "{}"), 202,
     "being"},
    {"past the commit", drop_of("bob", "cancel", "5", "{}"), 409, "commit"},
    {"one that ended", drop_of("bob", "cancel", "8", "{}"), 409, "ended"},
    {"one that never was", drop_of("bob", "cancel", "10", "{}"), 404, "no job"},
    {"no number", drop_of("bob", "cancel", "3; x", "{}"), 404, "no job"},
    {"far too long a number", drop_of("bob", "cancel",
     "99999999999999999999999", "{}"), 404, "no job"},
    {"after five minutes", late, 410, "five minutes"},
  });
}

BOOST_AUTO_TEST_CASE(what_is_berthctls_is_refused_from_the_web) {
  World world = small_console();
  check(world, {
    {"publish", drop_of("carol", "publish", "shop", R"({"database":"d"})"),
     403, "berthctl"},
    {"drain", drop_of("carol", "drain", "*", R"({"on":true})"), 403,
     "berthctl"},
    {"publish by root", drop_of("root", "publish", "shop",
     R"({"database":"shop_live"})", 0), 201, "publishes shop_live"},
    {"without a database", drop_of("root", "publish", "site",
     R"({"database":"d"})", 0), 409, "no database"},
    {"drain by root", drop_of("root", "drain", "*", R"({"on":true})", 0),
     200, "no new jobs"},
    {"an unknown action", drop_of("root", "explode", "*", "{}", 0), 400,
     "explode"},
  });
}

BOOST_AUTO_TEST_CASE(a_drained_or_full_console_takes_no_new_jobs) {
  World world = small_console();
  world.draining = true;
  check(world, {
    {"build", drop_of("bob", "build", "qa1", kBuild), 503, "draining"},
    {"reserve", drop_of("bob", "reserve", "qa1", "{}"), 201, "held by bob"},
  });
  world.draining = false;
  world.disk_low = true;
  world.servers["qa2"].hold = hold_of("bob");
  check(world, {
    {"build", drop_of("bob", "build", "qa1", kBuild), 507, "full"},
    {"reserve", drop_of("bob", "reserve", "qa1", "{}"), 507, "full"},
    {"release", drop_of("bob", "release", "qa2", "{}"), 204, "released"},
  });
}

BOOST_AUTO_TEST_CASE(only_an_accepted_drop_uses_up_a_number) {
  const World world = small_console();
  numbers_given = 0;
  decided(world, drop_of("bob", "build", "qa4", kBuild));
  BOOST_TEST(numbers_given == 0);
  decided(world, drop_of("bob", "build", "qa1", kBuild));
  BOOST_TEST(numbers_given == 1);
}

BOOST_AUTO_TEST_SUITE_END()
