// SPDX-License-Identifier: GPL-2.0-or-later
// Headers that nearly every source reads, compiled once (see build.mk). It
// saves more than a second a file and nothing else: every source still names
// what it needs, which `make check` proves by reading all of them without it.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>
#ifdef BERTH_TESTS
#include <boost/test/unit_test.hpp>
#endif
