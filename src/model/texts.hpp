// SPDX-License-Identifier: GPL-2.0-or-later
// A list of texts in a document.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace berth {

// Throws JsonError, which names the document (`where`) and the member, for a
// value that is no list or has anything but texts in it.
std::vector<std::string> texts_from_json(const json::value& value,
                                         const std::string& where,
                                         const std::string& member);

}  // namespace berth
