// SPDX-License-Identifier: GPL-2.0-or-later
// The variables that the templates of one job may use.
#pragma once

#include <string>

#include "worker/job/context.hpp"
#include "worker/render/render.hpp"

namespace berth::worker {

// `database`: the name that the site must connect to.
Variables variables_for(const Context& context, const Plan& plan,
                        const std::string& database);

}  // namespace berth::worker
