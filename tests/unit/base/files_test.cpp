// SPDX-License-Identifier: GPL-2.0-or-later
// Dir, AtomicFile and Lock: the ground the spool stands on.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/lock.hpp"
#include "temporary_dir.hpp"

using namespace berth;

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(names_that_leave_the_directory_are_refused) {
  TemporaryDir t;
  const Dir dir(t.path());
  for (const std::string& bad :
       {std::string(".."), std::string("."), std::string(""),
        std::string("a/b"), std::string("a\0b", 3)}) {
    BOOST_CHECK_THROW(dir.exists(bad), Error);
    BOOST_CHECK_THROW(dir.unlink(bad), Error);
  }
}

BOOST_AUTO_TEST_CASE(a_folder_is_walked_in_pieces_each_name_once) {
  TemporaryDir t;
  const Dir dir(t.path());
  DirWalk walk(dir);
  BOOST_TEST(walk.next(2).empty());
  BOOST_TEST(walk.ended());
  for (int i = 0; i < 25; ++i) t.put(std::to_string(i), "");
  for (int round = 0; round < 2; ++round) {
    std::set<std::string> met;
    int pieces = 0;
    do {
      const auto piece = walk.next(10);
      BOOST_TEST(piece.size() <= 10u);
      for (const auto& name : piece) BOOST_TEST(met.insert(name).second, name);
      ++pieces;
    } while (!walk.ended());
    BOOST_TEST(met.size() == 25u);
    BOOST_TEST(pieces == 3);
  }
  BOOST_TEST(dir.names().size() == 25u);
}

BOOST_AUTO_TEST_CASE(links_and_fifos_are_not_read) {
  TemporaryDir t;
  const Dir dir(t.path());
  t.put("real", "x");
  BOOST_REQUIRE(::symlink("real", (t / "link").c_str()) == 0);
  BOOST_REQUIRE(::mkfifo((t / "fifo").c_str(), 0600) == 0);
  BOOST_CHECK_THROW(dir.read("link", 10), Error);
  BOOST_CHECK_THROW(dir.read("fifo", 10), Error);
  BOOST_TEST(dir.read("real", 10).value() == "x");
  BOOST_TEST(!dir.read("gone", 10).has_value());
  t.put("big", "12345678901");
  BOOST_CHECK_THROW(dir.read("big", 10), Error);
}

BOOST_AUTO_TEST_CASE(an_atomic_file_appears_whole_or_not_at_all) {
  TemporaryDir t;
  const Dir dir(t.path());
  {
    AtomicFile file(dir, "a");
    file.write("half");
  }
  BOOST_TEST(dir.names().empty());
  write_durably(dir, "a", "one");
  AtomicFile again(dir, "a");
  again.write("two");
  BOOST_TEST(!again.commit(AtomicFile::Sync::durable,
                           AtomicFile::Collision::keep));
  BOOST_TEST(t.get("a") == "one");
  write_durably(dir, "a", "three");
  BOOST_TEST(t.get("a") == "three");
}

BOOST_AUTO_TEST_CASE(a_lock_is_held_once_and_freed_by_its_object) {
  TemporaryDir t;
  const Dir dir(t.path());
  {
    const auto mine = Lock::try_take(dir, "x");
    BOOST_REQUIRE(mine.has_value());
    BOOST_TEST(!Lock::try_take(dir, "x").has_value());
    BOOST_TEST(Lock::held(dir, "x"));
    BOOST_TEST(Lock::owner(dir, "x") ==
               "process " + std::to_string(::getpid()));
  }
  BOOST_TEST(!Lock::held(dir, "x"));
  BOOST_TEST(Lock::try_take(dir, "x").has_value());
}

BOOST_AUTO_TEST_CASE(a_failing_write_is_an_error_not_a_short_file) {
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  BOOST_CHECK_THROW(write_all(full.get(), "x", "/dev/full"), Error);
}

BOOST_AUTO_TEST_SUITE_END()
