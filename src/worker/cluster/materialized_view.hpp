// SPDX-License-Identifier: GPL-2.0-or-later
// Materialized views hold rows of their own: what a scrub removed from a table,
// they keep. So a restore leaves them empty, and they are filled after the
// administrator's scripts; in a claimed copy those that are filled are filled
// anew.
//
// Each is emptied first (WITH NO DATA), and then they are filled in the order
// of pg_depend. A view that reads another one through a function, which
// pg_depend does not know, then fails instead of keeping old rows, and is tried
// again after the others. REFRESH of all in the order of pg_depend alone,
// without emptying them, was rejected for that.
//
// They are filled as the administrator's scripts run: the same login, role and
// search_path, and row security refuses to hide rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "worker/cluster/script.hpp"

namespace berth::worker {

// In the encoding of the database.
using ViewNames = std::vector<std::pair<std::string, std::string>>;

// Fills those of these schemas and names that exist, and all that are filled
// now. Returns how many. Throws Error with the view's name for the first that
// cannot be; what the server said of it goes to the private log.
std::size_t fill_materialized_views(const ScriptTarget& target,
                                    const ViewNames& names, Report& report,
                                    PrivateLog& in_full, Deadline deadline);

}  // namespace berth::worker
