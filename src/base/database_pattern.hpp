// SPDX-License-Identifier: GPL-2.0-or-later
// Whether two applications of one cluster could get one database: their
// patterns (shop_{server}, shop_x_{server}) with the servers that each may
// have, by the globs of the hosts and of the applications, not by the servers
// there are: these come and go.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth {

// A name that both could have, such as "shop_x_a"; empty if there is none.
std::string common_database(const Config& config, const ApplicationConfig& a,
                            const ApplicationConfig& b);

}  // namespace berth
