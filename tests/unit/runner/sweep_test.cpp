// SPDX-License-Identifier: GPL-2.0-or-later
// What goes by itself, and what stays.
#include "runner/sweep.hpp"

#include <boost/test/unit_test.hpp>

#include "runner/tree.hpp"

BOOST_AUTO_TEST_SUITE(sweep)

using namespace berth;
using namespace berth::runner;

BOOST_AUTO_TEST_CASE(a_private_log_goes_with_the_one_that_people_read) {
  const Tree tree;
  const Layout layout = tree.layout();
  World world = small_console();
  world.jobs[2].job.id = 2;
  for (const char* name : {"1.log", "1.private.log", "2.log", "2.private.log",
                           "x.private.log", "1.private.log.old"}) {
    tree.dir.put(std::string("log/") + name, "x");
  }
  world.now = wall_now();
  world.config.keep_logs = 3600;
  Sweep(layout, world).run();
  BOOST_TEST(tree.has("log/1.private.log"));
  world.config.keep_logs = -10;  // everything is old enough
  Sweep(layout, world).run();
  BOOST_TEST(!tree.has("log/1.log"));
  BOOST_TEST(!tree.has("log/1.private.log"));
  for (const char* kept : {"2.log", "2.private.log", "x.private.log",
                           "1.private.log.old"}) {
    BOOST_TEST(tree.has(std::string("log/") + kept), kept);
  }
}

BOOST_AUTO_TEST_SUITE_END()
