// SPDX-License-Identifier: GPL-2.0-or-later
// Fills materialized views. They hold rows of their own and keep those that a
// scrub removed from the tables. A restore therefore leaves them empty, and
// they are filled after the administrator's scripts; in a claimed copy those
// that are filled are filled again.
//
// Each is emptied first (WITH NO DATA), and then they are filled in the order
// of pg_depend. A view that reads another one through a function, which
// pg_depend does not record, then fails instead of keeping old rows, and is
// retried after the others. For that reason a REFRESH of all in the order of
// pg_depend alone, without emptying them, was rejected.
//
// They are filled in the same session as the administrator's scripts: the same
// login, role and search_path, and row security refuses queries instead of
// hiding rows.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "worker/cluster/script.hpp"

namespace berth::worker {

// Schemas and names, in the encoding of the database.
using ViewNames = std::vector<std::pair<std::string, std::string>>;

// Fills the listed views as far as they exist, and all that are filled now.
// Returns their number. Throws Error with the name of the first that fails; the
// server's message goes to the private log.
std::size_t fill_materialized_views(const ScriptTarget& target,
                                    const ViewNames& names, Report& report,
                                    PrivateLog& in_full, Deadline deadline);

}  // namespace berth::worker
