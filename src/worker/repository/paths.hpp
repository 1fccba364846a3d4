// SPDX-License-Identifier: GPL-2.0-or-later
// `berth-worker paths APP`: asks the repository for branches, tags and trunk
// and publishes state/applications/APP.paths.json:
//
//   {"application":"shop","as_of":RFC3339,"truncated":false,
//    "paths":[{"path":"trunk","revision":"34","at":RFC3339|null,
//              "author":"..."|null}]}        newest first, at most 2,000
//
// A repository that does not answer leaves the file as it was; its as_of tells.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth::worker {

int paths_chore(const Config& config, const std::string& application);

}  // namespace berth::worker
