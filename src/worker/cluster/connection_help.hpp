// SPDX-License-Identifier: GPL-2.0-or-later
// What an admin can do about an error of PostgreSQL that says only what is
// wrong: the grant that is missing, the disk, the connections. Every SqlError
// ends in it, so that no refused statement goes by without the way out.
#pragma once

#include <string>

namespace berth::worker {

// Empty when the error says it all. `role` is who we are on the cluster, `sql`
// what was refused: the cause is in the server's language. Names are found in
// any language, other words in English; else the statement decides.
std::string what_helps(const std::string& sqlstate, const std::string& cause,
                       const std::string& sql, const std::string& role);

// "role" as SQL has it, for a statement that is shown: no connection at hand.
std::string shown_identifier(const std::string& name);

}  // namespace berth::worker
