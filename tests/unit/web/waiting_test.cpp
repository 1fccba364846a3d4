// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/child.hpp"
#include "base/clock.hpp"
#include "base/text.hpp"
#include "store/drop.hpp"
#include "temporary_dir.hpp"
#include "web/receipt_watch.hpp"
#include "web/undecided.hpp"
#include "web/waiting_place.hpp"

using namespace berth;
using namespace berth::web;

namespace {

struct Folders {
  TemporaryDir top;
  Folders() {
    ::mkdir((top / "drop").c_str(), 0700);
    ::mkdir((top / "receipts").c_str(), 0700);
  }
  Dir drop() const { return Dir(top / "drop"); }
  Dir receipts() const { return Dir(top / "receipts"); }
};

Receipt receipt_for(const std::string& token) {
  Receipt receipt;
  receipt.token = token;
  receipt.user = "alice";
  receipt.request = std::string(32, '0');
  receipt.accepted = true;
  receipt.status = 201;
  receipt.detail = "yes";
  return receipt;
}

const std::string kToken(32, 'a');

}  // namespace

BOOST_AUTO_TEST_SUITE(waiting)

BOOST_AUTO_TEST_CASE(there_are_so_many_places_and_no_more) {
  const Folders folders;
  const Dir drop = folders.drop();
  auto first = WaitingPlace::take(drop, 2);
  const auto second = WaitingPlace::take(drop, 2);
  BOOST_TEST(first.has_value());
  BOOST_TEST(second.has_value());
  BOOST_TEST(!WaitingPlace::take(drop, 2).has_value());
  first.reset();
  BOOST_TEST(WaitingPlace::take(drop, 2).has_value());
}

BOOST_AUTO_TEST_CASE(a_killed_process_gives_its_place_back) {
  const Folders folders;
  const Dir drop = folders.drop();
  const Pipe ready = make_pipe();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto place = WaitingPlace::take(drop, 1);
    [[maybe_unused]] const auto n = ::write(ready.write.get(), "x", 1);
    ::pause();
    ::_exit(place ? 0 : 1);
  }
  char byte = 0;
  BOOST_TEST(::read(ready.read.get(), &byte, 1) == 1);
  BOOST_TEST(!WaitingPlace::take(drop, 1).has_value());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  BOOST_TEST(WaitingPlace::take(drop, 1).has_value());
}

BOOST_AUTO_TEST_CASE(a_link_in_place_of_the_file_is_not_followed) {
  const Folders folders;
  const std::string victim = folders.top / "victim";
  BOOST_TEST(::symlink(victim.c_str(),
                       (folders.top / "drop/.waiters").c_str()) == 0);
  BOOST_CHECK_THROW(WaitingPlace::take(folders.drop(), 1), std::exception);
  BOOST_TEST(::access(victim.c_str(), F_OK) != 0);
}

BOOST_AUTO_TEST_CASE(a_receipt_that_is_there_is_found_without_waiting) {
  const Folders folders;
  const Dir drop = folders.drop();
  const Dir receipts = folders.receipts();
  write_receipt(receipts, receipt_for(kToken));
  const ReceiptWatch watch(receipts, drop);
  const auto found = watch.wait(kToken, 0);
  BOOST_TEST(found.has_value());
  BOOST_TEST(found->status == 201);
}

BOOST_AUTO_TEST_CASE(no_receipt_is_waited_for_so_long_and_no_longer) {
  const Folders folders;
  const Dir drop = folders.drop();
  const Dir receipts = folders.receipts();
  const ReceiptWatch watch(receipts, drop);
  const auto from = monotonic_ms();
  BOOST_TEST(!watch.wait(kToken, 150).has_value());
  const auto took = monotonic_ms() - from;
  BOOST_TEST(took >= 150);
  BOOST_TEST(took < 1500);
}

BOOST_AUTO_TEST_CASE(a_receipt_that_comes_ends_the_wait) {
  const Folders folders;
  const Dir drop = folders.drop();
  const Dir receipts = folders.receipts();
  const ReceiptWatch watch(receipts, drop);
  const pid_t child = ::fork();
  if (child == 0) {
    ::usleep(50'000);
    write_receipt(receipts, receipt_for(kToken));
    ::_exit(0);
  }
  const auto from = monotonic_ms();
  BOOST_TEST(watch.wait(kToken, 10'000).has_value());
  BOOST_TEST(monotonic_ms() - from < 5'000);
  ::waitpid(child, nullptr, 0);
}

// One user's requests, written faster than berthd decides, kept everybody
// waiting for minutes.
BOOST_AUTO_TEST_CASE(a_user_has_so_many_undecided_requests_and_no_more) {
  const Folders folders;
  const Dir drops = folders.drop(), receipts = folders.receipts();
  const auto token = [](std::size_t i) {
    return std::string(30, 'a') + std::to_string(10 + i);
  };
  const auto asks = [&](std::size_t i, Instant now,
                        const std::string& user = "alice") {
    return note_undecided(drops, receipts, user, token(i), now);
  };
  for (std::size_t i = 0; i < kMostUndecided; ++i) {
    BOOST_TEST(asks(i, 1000));
    folders.top.put("drop/" + drop_name(token(i)), "{}");
  }
  BOOST_TEST(!asks(30, 1000));
  BOOST_TEST(!asks(30, 90'000));  // berthd is not running
  BOOST_TEST(asks(30, 1000, "bob"));
  // One is decided: its drop is still there, and then gone.
  folders.top.put("receipts/" + drop_name(token(3)), "{}");
  BOOST_TEST(asks(31, 1001));
  BOOST_TEST(!asks(32, 1001));
  // The process that would have written that drop was killed.
  BOOST_TEST(asks(32, 1011));
  // Its file is cut short, or has something else in it.
  for (const char* text : {"x\n", "12", "\n\n\n", ""}) {
    const std::string name = ".undecided-" + std::to_string(::geteuid()) + "-" +
                             fingerprint("eve");
    folders.top.put("drop/" + name, text);
    BOOST_TEST(asks(40, 1000, "eve"));
  }
}

BOOST_AUTO_TEST_CASE(of_many_at_once_as_many_get_through) {
  const Folders folders;
  const Dir drops = folders.drop(), receipts = folders.receipts();
  std::vector<pid_t> children;
  for (int i = 0; i < 60; ++i) {
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      const bool may = note_undecided(drops, receipts, "alice",
                                      std::string(30, 'b') +
                                          std::to_string(10 + i), 1000);
      ::_exit(may ? 1 : 0);
    }
    children.push_back(child);
  }
  int through = 0;
  for (const pid_t child : children) {
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    through += WEXITSTATUS(status);
  }
  BOOST_TEST(through == static_cast<int>(kMostUndecided));
}

BOOST_AUTO_TEST_SUITE_END()
