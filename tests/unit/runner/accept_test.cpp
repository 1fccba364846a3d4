// SPDX-License-Identifier: GPL-2.0-or-later
// Acceptance cut off anywhere: whatever prefix of its acts reached the disk,
// the next life of berthd comes to the same end, once.
#include <fcntl.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "runner/tree.hpp"

BOOST_AUTO_TEST_SUITE(accept)

using namespace berth;
using namespace berth::runner;
namespace fs = std::filesystem;

namespace {

const std::string kWithRelease =
    R"({"application":"shop","path":"trunk","database":"none",)"
    R"("checkout":true,"release":"always"})";

// Exactly one hold of bob's and one job 1, in history, queue and world.
void check_built(const Tree& tree, const Life& life) {
  BOOST_TEST(life.world.jobs.size() == 1u);
  BOOST_TEST(life.world.jobs.contains(1));
  BOOST_TEST(life.world.servers.at("qa1").hold->user == "bob");
  BOOST_TEST(tree.lines("qa1") == 1u);
  BOOST_TEST(tree.has("spool/queue/1.json"));
  BOOST_TEST(fs::is_empty(tree.dir / "spool/drop"));
  BOOST_TEST(!tree.receipt(std::string(32, 'a')).empty());
}

}  // namespace

// One request's trouble keeps nobody else's from being served.
BOOST_AUTO_TEST_CASE(a_receipt_too_large_to_be_read_is_passed_over) {
  const Tree tree;
  const std::string receipt = "receipts/" + std::string(32, 'a') + ".json";
  tree.dir.put("spool/" + receipt, std::string(2 << 20, ' '));
  tree.drop(submitted('b', "bob", "reserve", "qa1", R"({"hours":4})"));
  Life life(tree);
  life.accept();
  BOOST_TEST(life.world.servers.at("qa1").hold.has_value());
}

BOOST_AUTO_TEST_CASE(every_prefix_of_an_acceptance_ends_the_same) {
  for (std::size_t prefix = 0; prefix <= 4; ++prefix) {
    BOOST_TEST_CONTEXT("acts done before the kill: " << prefix) {
      const Tree tree;
      const Drop drop = submitted('a', "bob", "build", "qa1", kWithRelease);
      tree.drop(drop);
      {
        Life first(tree);
        first.world.now = wall_now();
        Receipt receipt = decide(first.world, drop, [] { return 1; });
        BOOST_REQUIRE(receipt.effects.size() == 2u);
        if (prefix >= 1) write_receipt(Dir(tree.layout().receipts), receipt);
        Receipt part = receipt;
        part.effects.clear();
        for (std::size_t i = 0; i + 2 <= prefix && i < 2; ++i) {
          part.effects.push_back(receipt.effects[i]);
        }
        first.ledger.apply(part);
        if (prefix == 4) {
          fs::remove(tree.dir / ("spool/drop/" + drop.token + ".json"));
        }
      }
      Life second(tree);
      second.accept();
      check_built(tree, second);
      Life third(tree);
      third.accept();
      check_built(tree, third);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_drop_that_comes_again_is_only_removed) {
  const Tree tree;
  const Drop drop = submitted('a', "bob", "build", "qa1", kWithRelease);
  tree.drop(drop);
  Life life(tree);
  life.accept();
  check_built(tree, life);
  const auto steps = std::vector<StepRecord>{};
  life.ledger.activate(life.world.jobs.at(1));
  life.ledger.end(1, result_of("succeeded"), steps);
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
  const std::string receipt = tree.receipt(drop.token);
  tree.drop(drop);
  life.accept();
  BOOST_TEST(life.world.jobs.empty());
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
  // And when berthd was away while it came.
  tree.drop(drop);
  Life later(tree);
  later.accept();
  BOOST_TEST(later.world.jobs.empty());
  BOOST_TEST(!later.world.servers.at("qa1").hold.has_value());
  BOOST_TEST(fs::is_empty(tree.dir / "spool/drop"));
  BOOST_TEST(tree.receipt(drop.token) == receipt);
  BOOST_TEST(tree.lines("qa1") == 3u);  // reserved, built, released
}

BOOST_AUTO_TEST_CASE(what_is_planted_under_an_old_receipt_changes_nothing) {
  const Tree tree;
  const std::string token(32, 'a');
  const fs::path entry = tree.dir / ("spool/drop/" + token + ".json");
  tree.drop(submitted('a', "bob", "build", "qa1", kWithRelease));
  {
    Life first(tree);
    first.accept();
    check_built(tree, first);
    // In one life: a folder cannot be unlinked, and others must get through.
    fs::create_directory(entry);
    tree.drop(submitted('b', "eve", "reserve", "qa2", R"({"hours":1})"));
    first.accept();
    BOOST_TEST(!tree.receipt(std::string(32, 'b')).empty());
  }
  // Across a start: the same, and a link and another's document as well.
  for (int kind = 0; kind < 3; ++kind) {
    fs::remove_all(entry);
    if (kind == 0) fs::create_directory(entry);
    if (kind == 1) fs::create_symlink("/nonexistent", entry);
    if (kind == 2) {
      tree.drop(submitted('a', "eve", "build", "qa1", kWithRelease));
    }
    Life next(tree);
    BOOST_CHECK_NO_THROW(next.accept());
    BOOST_TEST(next.world.jobs.size() == 1u);
    BOOST_TEST(tree.lines("qa1") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_number_is_never_given_twice) {
  const Tree tree;
  tree.drop(submitted('a', "bob", "build", "qa1", kWithRelease));
  { Life(tree).accept(); }
  // An older copy of the sequence was restored.
  fs::remove(tree.dir / "lib/sequence");
  tree.drop(submitted('b', "bob", "build", "qa2", kWithRelease));
  Life life(tree);
  life.accept();
  BOOST_TEST(life.world.jobs.contains(1));
  BOOST_TEST(life.world.jobs.contains(2));
}

BOOST_AUTO_TEST_CASE(what_is_no_drop_is_noted_once_and_stays) {
  const Tree tree;
  const std::string drop = tree.dir / "spool/drop";
  const auto name = [&](char c) {
    return drop + "/" + std::string(32, c) + ".json";
  };
  tree.dir.put("spool/drop/" + std::string(32, '1') + ".json", "garbage");
  tree.dir.put("spool/drop/" + std::string(32, '2') + ".json",
               std::string(70'000, ' '));
  tree.dir.put("spool/drop/" + std::string(32, '3') + ".json",
               R"({"version":1,"token":)");
  tree.dir.put("elsewhere", "secret");
  fs::create_symlink(tree.dir / "elsewhere", name('4'));
  fs::create_hard_link(tree.dir / "elsewhere", name('5'));
  fs::create_directory(name('6'));
  BOOST_REQUIRE(::mkfifo(name('7').c_str(), 0644) == 0);
  tree.dir.put("spool/drop/READ.ME", "hello");
  if (::geteuid() == 0) {
    const Drop foreign = submitted('8', "bob", "reserve", "qa1", "{}");
    tree.drop(foreign);
    BOOST_REQUIRE(::chown(name('8').c_str(), 12345, 12345) == 0);
  }
  // A good one among them is not held up.
  tree.drop(submitted('9', "bob", "reserve", "qa1", R"({"hours":1})"));
  Life life(tree);
  life.accept();
  BOOST_TEST(life.world.servers.at("qa1").hold->user == "bob");
  BOOST_TEST(fs::exists(name('1')));
  BOOST_TEST(fs::exists(name('6')));
  BOOST_TEST(!fs::exists(name('9')));
  const auto count = [&](const std::string& end) {
    std::size_t n = 0;
    for (const auto& entry : fs::directory_iterator(tree.dir / "spool/bad")) {
      if (entry.path().string().ends_with(end)) ++n;
    }
    return n;
  };
  const std::size_t reasons = ::geteuid() == 0 ? 9 : 8;
  BOOST_TEST(count(".reason") == reasons);
  // Only what could be read safely was copied, and none of it was a link.
  BOOST_TEST(count(".copy") == 2u);
  for (const auto& entry : fs::directory_iterator(tree.dir / "spool/bad")) {
    BOOST_TEST(tree.dir.get("spool/bad/" + entry.path().filename().string())
                   .find("secret") == std::string::npos);
    fs::remove(entry.path());
  }
  life.accept();
  BOOST_TEST(fs::is_empty(tree.dir / "spool/bad"));
}

BOOST_AUTO_TEST_CASE(a_flood_of_rubbish_does_not_keep_a_good_drop_out) {
  const Tree tree;
  for (int i = 0; i < 1200; ++i) {
    tree.dir.put("spool/drop/rubbish-" + std::to_string(i), "x");
  }
  Life life(tree);
  life.accept();
  tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
  life.accept();
  BOOST_TEST(life.world.servers.at("qa1").hold.has_value());
  std::size_t notes = 0;
  for ([[maybe_unused]] const auto& e :
       fs::directory_iterator(tree.dir / "spool/bad")) {
    ++notes;
  }
  BOOST_TEST(notes == 1000u);
}

BOOST_AUTO_TEST_CASE(a_newer_receipt_stops_berthd_with_the_version_named) {
  const Tree tree;
  tree.dir.put("spool/receipts/" + std::string(32, 'a') + ".json",
               R"({"version":2})");
  BOOST_CHECK_EXCEPTION(Life{tree}, std::exception, [](const auto& e) {
    return std::string(e.what()).find("format 2 is newer") !=
           std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(after_term_what_has_a_receipt_is_finished_nothing_else) {
  const Tree tree;
  Life life(tree);
  life.acceptor.stop();
  tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
  life.accept();
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
  BOOST_TEST(!fs::is_empty(tree.dir / "spool/drop"));
}

BOOST_AUTO_TEST_SUITE_END()
