// SPDX-License-Identifier: GPL-2.0-or-later
// Headers that nearly every source reads, compiled once (see build.mk). It
// saves more than a second a file and nothing else: every source still names
// what it needs. Neither the build nor `make check` would notice one that does
// not; `make includes` reads all of them without this file, and takes minutes.
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
