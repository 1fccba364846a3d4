// SPDX-License-Identifier: GPL-2.0-or-later
// The entry of every unit test program; the suites are linked to it.
#define BOOST_TEST_MODULE berth
#include <boost/test/unit_test.hpp>
