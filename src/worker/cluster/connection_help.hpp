// SPDX-License-Identifier: GPL-2.0-or-later
// What an administrator can do about an error that PostgreSQL only states: the
// missing grant, the full disk, the connections. Every SqlError ends with this,
// so that each refused statement comes with a remedy.
#pragma once

#include <string>

namespace berth::worker {

// Empty when the error is sufficient. `role` is Berth's role on the cluster,
// `sql` the refused statement. The cause is in the server's language:
// identifiers are recognized in any language, other words only in English;
// otherwise the statement decides.
std::string what_helps(const std::string& sqlstate, const std::string& cause,
                       const std::string& sql, const std::string& role);

// A quoted identifier, for SQL that is shown where no connection exists.
std::string shown_identifier(const std::string& name);

}  // namespace berth::worker
