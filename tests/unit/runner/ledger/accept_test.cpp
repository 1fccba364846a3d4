// SPDX-License-Identifier: GPL-2.0-or-later
// Acceptance cut off anywhere: whatever prefix of its acts reached the disk,
// the next life of berthd comes to the same end, once.
#include <fcntl.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
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

boost::test_tools::assertion_result run_by_root(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result root(::geteuid() == 0);
  if (!root) root.message() << "needs root: drop-root/ takes its files alone";
  return root;
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
        Receipt receipt = decided_and_read(first.world, drop, [] { return 1; });
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
  life.ledger.end(1, result_of(Outcome::succeeded), steps);
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

// After its seven days a token is decided anew; the old line of history was
// taken for the new one's, and a hold was promised that nobody had.
BOOST_AUTO_TEST_CASE(a_token_that_has_a_line_of_history_is_refused_later) {
  const Tree tree;
  Life life(tree);
  const auto receipt = [&] {
    return parse_json(tree.receipt(std::string(32, 'a')));
  };
  tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
  life.accept();
  tree.drop(submitted('b', "bob", "release", "qa1", "{}"));
  life.accept();
  BOOST_TEST(!life.world.servers["qa1"].hold);
  fs::remove(tree.dir / ("spool/receipts/" + std::string(32, 'a') + ".json"));
  tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
  life.accept();
  BOOST_TEST(!life.world.servers["qa1"].hold);
  BOOST_TEST(receipt().at("status").as_int64() == 409);
  BOOST_TEST(tree.lines("qa1") == 2u);
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

// As many files as somebody likes in the web's folder: root's own and what was
// asked for in good faith are decided, and what is held of it stays small.
BOOST_AUTO_TEST_CASE(a_flood_costs_a_bounded_scan_and_keeps_nobody_out,
                     *boost::unit_test::precondition(run_by_root)) {
  const Tree tree;
  const std::string folder = tree.layout().drop;
  for (int i = 0; i < 15'000; ++i) {
    const std::string n = std::to_string(100'000 + i);
    tree.dir.put("spool/drop/rubbish-" + n, "x");
    tree.dir.put("spool/drop/" + std::string(26, '0') + n + ".json", "{}");
  }
  tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
  tree.drop(submitted('b', "root", "drain", "*", R"({"on":true})", 0));
  Life life(tree);
  life.acceptor.look();
  life.acceptor.tend(monotonic_ms());
  // Before anything of the flood.
  BOOST_TEST(life.world.draining);
  while (life.acceptor.tend(monotonic_ms())) {
  }
  BOOST_TEST(life.world.servers.at("qa1").hold.has_value());
  std::size_t notes = 0;
  for (const auto& e : fs::directory_iterator(tree.dir / "spool/bad")) {
    if (e.path().string().ends_with(".reason")) ++notes;
  }
  BOOST_TEST(notes == 1000u);

  Inbox inbox(folder, tree.layout().bad, ::getuid(), false);
  std::size_t looks = 0;
  std::size_t met = 0;
  while (inbox.fill()) {
    ++looks;
    BOOST_REQUIRE(inbox.waiting() <= kNamesPerLook);
    for (; inbox.front(); inbox.pop()) ++met;
  }
  BOOST_TEST(looks >= 30'000 / kNamesPerLook);
  BOOST_TEST(looks <= 30'000 / kNamesPerLook + 2);
  BOOST_TEST(met == 15'000u);
  BOOST_TEST(!inbox.fill());  // until something happens
  inbox.look();
  BOOST_TEST(inbox.fill());
}

// A day later, in the pieces that a sweep takes.
BOOST_AUTO_TEST_CASE(old_rubbish_of_a_flood_is_removed_a_piece_at_a_time) {
  const Tree tree;
  for (int i = 0; i < 5'000; ++i) {
    tree.dir.put("spool/drop/rubbish-" + std::to_string(i), "x");
  }
  tree.dir.put("spool/drop/.unfinished", "x");
  const std::string good = std::string(32, 'c') + ".json";
  tree.dir.put("spool/drop/" + good, "not looked at yet");
  Life life(tree);
  const auto left = [&] {
    std::size_t n = 0;
    for ([[maybe_unused]] const auto& e :
         fs::directory_iterator(tree.dir / "spool/drop")) {
      ++n;
    }
    return n;
  };
  const Instant later = wall_now() + 86'400;
  std::size_t before = left();
  for (int i = 0; i < 10 && before > 1; ++i) {
    life.acceptor.sweep_rubbish(later);
    const std::size_t now = left();
    BOOST_TEST(before - now <= 2000u);
    before = now;
  }
  BOOST_TEST(left() == 1u);
  BOOST_TEST(tree.has("spool/drop/" + good));
}

// Whoever writes a file into the web's folder chooses the name in it.
BOOST_AUTO_TEST_CASE(what_is_roots_comes_from_roots_folder_alone,
                     *boost::unit_test::precondition(run_by_root)) {
  const Tree tree;
  char token = '0';
  for (const char* user : {"root", "berth", "bob", "carol"}) {
    tree.drop(submitted(token++, user, "drain", "*", R"({"on":true})"));
  }
  Life life(tree);
  life.accept();
  BOOST_TEST(!life.world.draining);
  // In somebody's name, as `berthctl submit` may, it is root's all the same.
  tree.drop(submitted('e', "bob", "drain", "*", R"({"on":true})", 0));
  life.accept();
  BOOST_TEST(life.world.draining);
}

// The web can read receipts, and so knows the tokens of root's requests.
BOOST_AUTO_TEST_CASE(one_token_in_both_folders_is_decided_once,
                     *boost::unit_test::precondition(run_by_root)) {
  for (const bool receipt_first : {false, true}) {
    const Tree tree;
    const Drop drop =
        submitted('a', "bob", "build", "qa1", kWithRelease, 0);
    tree.drop(drop);
    if (receipt_first) {
      // Killed after the decision, before any of its effect.
      Life first(tree);
      first.world.now = wall_now();
      write_receipt(Dir(tree.layout().receipts),
                    decided_and_read(first.world, drop, [] { return 1; }));
    }
    Drop planted = drop;
    planted.by_root = false;
    tree.drop(planted);
    for (int life = 0; life < 2; ++life) {
      Life next(tree);
      next.accept();
      check_built(tree, next);
      BOOST_TEST(fs::is_empty(tree.dir / "spool/drop-root"));
    }
  }
}

// Two requests under one token: the first that is met, root's, has it.
BOOST_AUTO_TEST_CASE(a_web_drop_under_roots_token_is_no_second_request,
                     *boost::unit_test::precondition(run_by_root)) {
  const Tree tree;
  tree.drop(submitted('a', "root", "reserve", "qa1", R"({"hours":1})", 0));
  tree.drop(submitted('a', "eve", "reserve", "qa2", R"({"hours":1})"));
  Life life(tree);
  life.accept();
  BOOST_TEST(life.world.servers.at("qa1").hold->user == "root");
  BOOST_TEST(!life.world.servers.at("qa2").hold.has_value());
  BOOST_TEST(fs::is_empty(tree.dir / "spool/drop"));
}

BOOST_AUTO_TEST_CASE(a_user_has_his_changes_a_minute_and_others_theirs) {
  const Tree tree;
  Life life(tree);
  life.world.config.most_a_minute = 3;
  for (int i = 0; i < 5; ++i) {
    tree.drop(submitted("01234"[i], "bob", "reserve", "qa1",
                        R"({"hours":)" + std::to_string(i + 1) + "}"));
    life.accept();
  }
  const auto told = [&](char token) {
    return tree.receipt(std::string(32, token));
  };
  BOOST_TEST(told('2').find("\"status\":200") != std::string::npos);
  BOOST_TEST(told('3').find("\"status\":429") != std::string::npos);
  BOOST_TEST(told('4').find("\"retry_after\":") != std::string::npos);
  BOOST_TEST(tree.lines("qa1") == 3u);
  tree.drop(submitted('5', "eve", "reserve", "qa2", R"({"hours":1})"));
  tree.drop(submitted('6', "bob", "release", "qa1", "{}"));
  life.accept();
  BOOST_TEST(life.world.servers.at("qa2").hold.has_value());
  BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
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

namespace {

// No drop, and not one kind of file.
void plant(const Tree& tree) {
  const std::string drop = tree.layout().drop + "/";
  fs::create_directories(drop + "empty");
  fs::create_directories(drop + std::string(32, 'e') + ".json");
  fs::create_directories(drop + "full/inside");
  fs::create_symlink("/etc/passwd", drop + "link");
  fs::create_symlink("/etc/passwd", drop + std::string(32, 'f') + ".json");
  BOOST_REQUIRE(::mkfifo((drop + "pipe").c_str(), 0600) == 0);
  std::ofstream(drop + "rubbish") << "x";
}

std::size_t files_in(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder),
                                                fs::directory_iterator()));
}

}  // namespace

// The web's uid may plant folders, links and pipes as well as files.
BOOST_AUTO_TEST_CASE(planted_rubbish_of_every_kind_goes_and_is_noted_once) {
  const Tree tree;
  Life life(tree);
  plant(tree);
  life.accept();
  const std::size_t notes = files_in(tree.layout().bad);
  BOOST_TEST(notes == 7u);
  // What is put into a folder makes it no other folder.
  const std::string full = tree.layout().drop + "/full";
  fs::remove_all(tree.layout().bad);
  fs::create_directories(tree.layout().bad);
  fs::create_directories(full + "/more");
  life.accept();
  BOOST_TEST(files_in(tree.layout().bad) == 0u);
  // Not before its time.
  life.acceptor.sweep_rubbish(wall_now() - 60);
  BOOST_TEST(files_in(tree.layout().drop) == 7u);
  life.acceptor.sweep_rubbish(wall_now() + 60);
  BOOST_TEST(files_in(tree.layout().drop) == 1u);
  BOOST_TEST(fs::exists(full));
  BOOST_TEST(fs::exists("/etc/passwd"));
}

// One that is rewritten all the time is noted so often and no more.
BOOST_AUTO_TEST_CASE(a_flood_of_rubbish_is_bounded_until_the_next_sweep) {
  const Tree tree;
  const Dir drop(tree.layout().drop), bad(tree.layout().bad);
  BadDrops rubbish(drop, bad);
  for (std::size_t i = 0; i < kMostNoted + 200; ++i) {
    tree.dir.put("spool/drop/r" + std::to_string(i), "x");
    rubbish.note("r" + std::to_string(i), {"is rubbish", ""});
  }
  BOOST_TEST(rubbish.size() == kMostNoted);
  BOOST_TEST(files_in(tree.layout().bad) == kMostNoted);
  fs::remove_all(tree.dir / "spool/bad");
  fs::create_directories(tree.dir / "spool/bad");
  tree.dir.put("spool/drop/r0", "another");
  fs::remove(tree.dir / "spool/drop/r0");
  tree.dir.put("spool/drop/r0", "a third");
  rubbish.note("r0", {"is rubbish", ""});
  BOOST_TEST(files_in(tree.layout().bad) == 0u);
  for (int i = 0; i < 3; ++i) rubbish.sweep(wall_now() + 60);
  BOOST_TEST(files_in(tree.layout().drop) == 0u);
  BOOST_TEST(rubbish.size() == 0u);
}

// Refusals cost whoever asks nothing, and each is a file.
BOOST_AUTO_TEST_CASE(a_user_has_so_many_receipts_without_effect_and_no_more) {
  const Tree tree;
  {
    Life life(tree);
    tree.drop(submitted('a', "eve", "reserve", "qa9", R"({"hours":1})"));
    tree.drop(submitted('b', "bob", "reserve", "qa1", R"({"hours":1})"));
    life.accept();
    for (std::size_t i = 0; i < kIdleOfUser + 50; ++i) {
      Drop drop = submitted('c', "bob", "reserve", "qa9", R"({"hours":1})");
      drop.token = fingerprint(std::to_string(i));
      tree.drop(drop);
      life.accept();
    }
    BOOST_TEST(files_in(tree.layout().receipts) == kIdleOfUser + 2);
  }
  // Neither what was done nor another's goes for it; also after a start.
  Life life(tree);
  tree.drop(submitted('d', "bob", "reserve", "qa9", R"({"hours":1})"));
  life.accept();
  BOOST_TEST(files_in(tree.layout().receipts) == kIdleOfUser + 2);
  for (const char token : {'a', 'b', 'd'}) {
    BOOST_TEST(tree.has("spool/receipts/" + std::string(32, token) + ".json"));
  }
  // An old one again is decided again.
  Drop again = submitted('c', "bob", "reserve", "qa9", R"({"hours":1})");
  again.token = fingerprint("0");
  tree.drop(again);
  life.accept();
  BOOST_TEST(tree.receipt(again.token).find("refused") != std::string::npos);
}

// A key that was refused, and a week later accepted: its receipt is what keeps
// the job from being made twice.
BOOST_AUTO_TEST_CASE(what_was_accepted_under_an_old_key_is_not_decided_again) {
  const Tree tree;
  Life life(tree);
  tree.drop(submitted('a', "bob", "reserve", "qa9", R"({"hours":1})"));
  life.accept();
  fs::remove(tree.dir / ("spool/receipts/" + std::string(32, 'a') + ".json"));
  life.acceptor.forget_swept();
  const Drop build = submitted(
      'a', "bob", "build", "qa1",
      R"({"application":"shop","path":"trunk","database":"none",)"
      R"("checkout":true})");
  tree.drop(build);
  life.accept();
  BOOST_TEST(life.world.jobs.size() == 1u);
  for (std::size_t i = 0; i <= kIdleOfUser; ++i) {
    Drop drop = submitted('c', "bob", "reserve", "qa9", R"({"hours":1})");
    drop.token = fingerprint(std::to_string(i));
    tree.drop(drop);
    life.accept();
  }
  tree.drop(build);
  life.accept();
  BOOST_TEST(life.world.jobs.size() == 1u);
}

// One crooked receipt is that request's trouble.
BOOST_AUTO_TEST_CASE(a_crooked_receipt_keeps_nobody_else_waiting) {
  for (const char* text :
       {"{", "[]", R"({"version":1})",
        R"({"version":1,"token":"x","user":"bob","request":"x",)"
        R"("outcome":"accepted","status":201,"detail":"","server":null,)"
        R"("job":null,"effects":[{"kind":"hold"}],"extra":{},)"
        R"("at":"2026-11-22T08:00:00Z"})"}) {
    const Tree tree;
    tree.drop(submitted('a', "bob", "reserve", "qa1", R"({"hours":1})"));
    tree.dir.put("spool/receipts/" + std::string(32, 'a') + ".json", text);
    tree.dir.put("spool/receipts/" + std::string(32, 'e') + ".json", text);
    tree.drop(submitted('b', "eve", "reserve", "qa2", R"({"hours":1})"));
    Life life(tree);
    life.accept();
    BOOST_TEST(life.world.servers.at("qa2").hold.has_value());
    // It was decided, and nobody knows how.
    BOOST_TEST(!life.world.servers.at("qa1").hold.has_value());
    BOOST_TEST(!fs::is_empty(tree.dir / "spool/bad"));
  }
}

BOOST_AUTO_TEST_SUITE_END()
