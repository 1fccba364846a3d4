// SPDX-License-Identifier: GPL-2.0-or-later
// What CREATE DATABASE ... TEMPLATE does not copy and a tester would miss:
// connection limit, settings (ALTER DATABASE SET, ALTER ROLE IN DATABASE SET)
// and grants on the database. Taken from the live database that is replaced,
// or from the base when there was none, and given to the copy before the swap,
// so that nothing can fail while the live name is locked.
#pragma once

#include <string>
#include <vector>

#include "worker/cluster.hpp"

namespace berth::worker {

// Applies what it may and returns a sentence for each thing it may not: an
// ALTER ROLE ... IN DATABASE of another role, a superuser's setting.
std::vector<std::string> take_over_properties(Cluster& cluster,
                                              const Database& from,
                                              const std::string& to);

}  // namespace berth::worker
