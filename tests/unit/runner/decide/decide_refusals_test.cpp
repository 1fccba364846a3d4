// SPDX-License-Identifier: GPL-2.0-or-later
// Which reason a refusal gives when there are several, and what it carries
// beside its words. The API shows both as they are.
#include <boost/test/unit_test.hpp>

#include "runner/console.hpp"

BOOST_AUTO_TEST_SUITE(refusals)

using namespace berth;
using namespace berth::runner;

namespace {

Receipt refused(const World& world, const Drop& drop) {
  Receipt got = berth::runner::decided_and_read(
      world, drop, [] { return std::int64_t{7}; });
  BOOST_TEST(!got.accepted);
  return got;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_build_elsewhere_is_refused_with_what_is_free) {
  World world = small_console();
  world.servers["qa2"].hold = hold_of("eve");
  for (const char* action : {"build", "preview"}) {
    const Receipt got =
        refused(world, drop_of("bob", action, "live1", kBuild));
    BOOST_TEST(got.status == 403);
    BOOST_TEST(json::serialize(got.extra.at("free")) == R"(["qa1","qa3"])");
  }
}

BOOST_AUTO_TEST_CASE(a_build_that_fits_no_application_names_the_member) {
  const World world = small_console();
  const auto member = [&](const char* action, const std::string& arguments) {
    const Receipt got =
        refused(world, drop_of("bob", action, "qa1", arguments));
    BOOST_TEST(got.status == 400);
    return json::serialize(got.extra.at("member"));
  };
  for (const char* action : {"build", "preview"}) {
    BOOST_TEST(member(action, R"({"application":"blog","path":"trunk"})") ==
               R"("application")");
    BOOST_TEST(member(action, R"({"application":"site","path":"main",)"
                              R"("database":"newest"})") == R"("database")");
    BOOST_TEST(member(action, R"({"application":"site","path":"a b"})") ==
               R"("path")");
  }
}

// A client that repeats what is 503 would repeat it for nothing.
BOOST_AUTO_TEST_CASE(what_can_never_be_is_refused_while_draining_as_before) {
  World world = small_console();
  world.servers["qa2"].hold = hold_of("eve");
  world.draining = true;
  const std::string start = R"({"action":"start"})";
  const std::string none = R"({"application":"blog","path":"trunk"})";
  const std::vector<std::pair<Drop, int>> rows = {
      {drop_of("bob", "build", "qa9", kBuild), 404},
      {drop_of("bob", "check", "qa9", "{}"), 404},
      {drop_of("bob", "power", "qa9", start), 404},
      {drop_of("bob", "build", "live1", kBuild), 403},
      {drop_of("bob", "build", "qa2", kBuild), 409},
      {drop_of("bob", "preview", "qa4", kBuild), 409},
      {drop_of("bob", "build", "*", none), 400},
      {drop_of("bob", "build", "*", kBuild), 503},
      {drop_of("bob", "build", "qa1", kBuild), 503},
      {drop_of("bob", "power", "qa1", start), 503},
  };
  for (const auto& [drop, status] : rows) {
    BOOST_TEST_CONTEXT(drop.action + " " + drop.target) {
      BOOST_TEST(refused(world, drop).status == status);
    }
  }
}

// What the reader is told first is what no other choice of data would mend.
BOOST_AUTO_TEST_CASE(a_server_is_refused_before_the_base_that_is_missing) {
  World world = small_console();
  world.clusters["db1"].bases.clear();
  world.servers["qa2"].hold = hold_of("eve");
  const auto extra = [&](const std::string& server) {
    return refused(world, drop_of("bob", "build", server, kBuild)).extra;
  };
  BOOST_TEST(extra("qa2").contains("holder"));
  BOOST_TEST(!extra("qa2").contains("generations"));
  BOOST_TEST(!extra("qa4").contains("generations"));
  BOOST_TEST(extra("qa1").contains("generations"));
  BOOST_TEST(extra("*").contains("generations"));
}

BOOST_AUTO_TEST_SUITE_END()
