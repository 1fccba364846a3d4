// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/request_deadline.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/clock.hpp"
#include "base/fd.hpp"

using namespace berth;
using namespace berth::web;

namespace {

struct Sockets {
  Fd ours, theirs;
  Sockets() {
    int both[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, both) == 0);
    ours = Fd(both[0]);
    theirs = Fd(both[1]);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(request_deadline)

// A byte now and then is no more time.
BOOST_AUTO_TEST_CASE(a_read_ends_when_the_time_is_over) {
  Sockets both;
  const std::int64_t begin = monotonic_ms();
  const RequestDeadline deadline(both.ours.get(), 1);
  char byte = 'x';
  BOOST_TEST(::write(both.theirs.get(), &byte, 1) == 1);
  BOOST_TEST(::read(both.ours.get(), &byte, 1) == 1);
  BOOST_TEST(!deadline.passed());
  BOOST_TEST(::read(both.ours.get(), &byte, 1) == 0);
  BOOST_TEST(deadline.passed());
  BOOST_TEST(monotonic_ms() - begin < 5000);
}

BOOST_AUTO_TEST_CASE(a_write_ends_when_the_time_is_over) {
  Sockets both;
  const RequestDeadline deadline(both.ours.get(), 1);
  const std::string much(1 << 20, 'x');
  ssize_t n = 0;
  while (n >= 0) {
    n = ::send(both.ours.get(), much.data(), much.size(), MSG_NOSIGNAL);
  }
  BOOST_TEST(deadline.passed());
}

BOOST_AUTO_TEST_CASE(what_is_over_in_time_is_let_alone) {
  Sockets both;
  { const RequestDeadline deadline(both.ours.get(), 1); }
  ::usleep(1200 * 1000);
  char byte = 'x';
  BOOST_TEST(::write(both.ours.get(), &byte, 1) == 1);
}

BOOST_AUTO_TEST_SUITE_END()
