// SPDX-License-Identifier: GPL-2.0-or-later
// Checks whether two applications of one cluster could have the same database:
// by their patterns (shop_{server}, shop_x_{server}) and the servers that each
// may have by the globs of the hosts and of the applications. The servers that
// exist now do not matter, because they change.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth {

// A name that both could have, such as "shop_x_a"; empty if there is none.
std::string common_database(const Config& config, const ApplicationConfig& a,
                            const ApplicationConfig& b);

}  // namespace berth
