// SPDX-License-Identifier: GPL-2.0-or-later
// What goes by itself, and what stays.
#include "runner/ledger/sweep.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "runner/tree.hpp"

BOOST_AUTO_TEST_SUITE(sweep)

using namespace berth;
using namespace berth::runner;

BOOST_AUTO_TEST_CASE(a_private_log_and_a_preview_go_with_their_log) {
  const Tree tree;
  const Layout layout = tree.layout();
  World world = small_console();
  world.jobs[2].job.id = 2;
  for (const char* name : {"1.log", "1.private.log", "2.log", "2.private.log",
                           "1.preview.json", "2.preview.json",
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
  BOOST_TEST(!tree.has("log/1.preview.json"));
  for (const char* kept : {"2.preview.json", "2.log",
                           "2.private.log", "x.private.log",
                           "1.private.log.old"}) {
    BOOST_TEST(tree.has(std::string("log/") + kept), kept);
  }
}

BOOST_AUTO_TEST_CASE(of_too_many_logs_the_oldest_go) {
  const Tree tree;
  const Layout layout = tree.layout();
  World world = small_console();
  world.jobs[1].job.id = 1;
  world.now = wall_now();
  world.config.keep_logs = 3600;
  const std::string some(1 << 20, 'x');
  for (const char* name : {"1.log", "2.log", "3.log", "other"}) {
    tree.dir.put(std::string("log/") + name, some);
    ::usleep(1'100'000);  // the kernel's time, in whole seconds
  }
  Sweep sweep(layout, world);
  SweepSizes sizes;
  sizes.logs = std::int64_t{3} << 19;
  sweep.run(sizes);
  BOOST_TEST(tree.has("log/1.log"));  // of a job that lives
  BOOST_TEST(!tree.has("log/2.log"));
  BOOST_TEST(tree.has("log/3.log"));
  BOOST_TEST(tree.has("log/other"));
  sweep.run();
  BOOST_TEST(tree.has("log/3.log"));
}

// Somebody whose requests are refused in a loop; rubbish of the web's user.
BOOST_AUTO_TEST_CASE(of_too_many_receipts_and_bad_drops_the_oldest_go) {
  const Tree tree;
  const Layout layout = tree.layout();
  World world = small_console();
  world.now = wall_now();
  const auto token = [](char c) { return std::string(32, c) + ".json"; };
  for (const char c : {'f', 'a', 'b', 'c', 'd'}) {
    tree.dir.put("spool/receipts/" + token(c), std::string(1 << 20, 'x'));
    tree.dir.put(std::string("spool/bad/") + c, std::string(1 << 20, 'x'));
    ::usleep(1'100'000);  // the kernel's time, in whole seconds
  }
  tree.dir.put("spool/drop/" + token('a'), "{}");  // its receipt stays
  tree.dir.put("spool/drop-root/" + token('f'), "{}");
  SweepSizes sizes;
  Sweep(layout, world).run(sizes);
  BOOST_TEST(tree.has("spool/receipts/" + token('b')));
  BOOST_TEST(tree.has("spool/bad/a"));
  sizes.receipts = std::int64_t{7} << 19;  // 3.5 MiB
  sizes.bad = std::int64_t{5} << 19;  // 2.5 MiB
  Sweep(layout, world).run(sizes);
  BOOST_TEST(tree.has("spool/receipts/" + token('a')));
  BOOST_TEST(tree.has("spool/receipts/" + token('f')));
  BOOST_TEST(!tree.has("spool/receipts/" + token('b')));
  BOOST_TEST(!tree.has("spool/receipts/" + token('c')));
  BOOST_TEST(tree.has("spool/receipts/" + token('d')));
  BOOST_TEST(!tree.has("spool/bad/a"));
  BOOST_TEST(!tree.has("spool/bad/b"));
  BOOST_TEST(tree.has("spool/bad/c"));
  BOOST_TEST(tree.has("spool/bad/d"));
}

BOOST_AUTO_TEST_SUITE_END()
