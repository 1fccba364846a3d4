// SPDX-License-Identifier: GPL-2.0-or-later
// What CREATE DATABASE ... TEMPLATE does not copy and a tester would miss:
// connection limit, settings (ALTER DATABASE SET, ALTER ROLE IN DATABASE SET)
// and grants on the database. Taken from the live database that is replaced;
// where there is none, the copy becomes what a new database is. Only the
// difference is applied, so that asking again - right before the swap, for what
// somebody changed meanwhile - costs three queries and writes nothing.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Applies what it may and returns a sentence for each thing it may not: an
// ALTER ROLE ... IN DATABASE of another role, a superuser's setting, one that
// is too long, too many; and for what would keep builds from working, which a
// former holder can have set: a small connection limit, read-only transactions,
// a timeout below a second, another role, libraries to load. No sentence holds
// a setting's value.
std::vector<std::string> take_over_properties(
    Cluster& cluster, const std::optional<Database>& from, const Database& to);

// Why this setting, or this connection limit, is not taken over; empty: it is.
std::string what_it_breaks(const std::string& name, const std::string& value);
std::string what_it_breaks(std::int64_t connection_limit);

// Of "name=value", as pg_db_role_setting keeps a setting.
std::pair<std::string, std::string> name_and_value(const std::string& setting);
// For ALTER ... SET and RESET: a setting's name, and `SET NAME TO VALUE` with
// the value as pg_db_role_setting has it.
std::string setting_identifier(Cluster& cluster, const std::string& name);
std::string set_clause(Cluster& cluster, const std::string& name,
                       const std::string& value);

}  // namespace berth::worker
