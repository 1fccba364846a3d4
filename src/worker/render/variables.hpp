// SPDX-License-Identifier: GPL-2.0-or-later
// What the templates of one job may say.
#pragma once

#include <string>

#include "worker/job/context.hpp"
#include "worker/render/render.hpp"

namespace berth::worker {

// `database`: the name to connect to.
Variables variables_for(const Context& context, const Plan& plan,
                        const std::string& database);

}  // namespace berth::worker
