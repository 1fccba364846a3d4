// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/publish/publish.hpp"

#include <boost/test/unit_test.hpp>

#include "runner/tree.hpp"

namespace berth::runner {
namespace {

EndedBody body(std::int64_t id, Instant at, bool looks) {
  return {"{\"id\":" + std::to_string(id) + "}", at, looks};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(publish)

// A thousand previews took every earlier job from sight, and a long build at
// the moment of its end, because of its low number.
BOOST_AUTO_TEST_CASE(of_ended_jobs_the_latest_stay_and_previews_take_none) {
  Tree tree;
  World world;
  Loop loop;
  const State state(tree.layout().state);
  Publisher publisher(loop, world, state);
  const auto kept = [&](std::int64_t id) {
    return state.read("job/" + std::to_string(id) + ".json").has_value();
  };
  const auto ends = [&](std::int64_t id, Instant at, bool looks) {
    world.changes.ended[id] = body(id, at, looks);
  };
  const auto many = static_cast<std::int64_t>(kEndedKept);
  ends(10, 1000, false);
  for (std::int64_t i = 0; i < many + 50; ++i) ends(20 + i, 1000 + i, true);
  publisher.flush();
  BOOST_TEST(kept(10));
  BOOST_TEST(!kept(20));
  BOOST_TEST(!kept(69));
  BOOST_TEST(kept(70));
  for (std::int64_t i = 0; i < many; ++i) ends(2000 + i, 3000 + i, false);
  ends(11, 3000 + many, false);  // the longest of all
  publisher.flush();
  BOOST_TEST(!kept(10));
  BOOST_TEST(kept(11));
  BOOST_TEST(!kept(2000));
  BOOST_TEST(kept(2001));
  BOOST_TEST(kept(70));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace berth::runner
