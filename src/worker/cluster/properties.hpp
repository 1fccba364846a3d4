// SPDX-License-Identifier: GPL-2.0-or-later
// Copies what CREATE DATABASE ... TEMPLATE does not copy and a tester would
// miss: the connection limit, settings (ALTER DATABASE SET, ALTER ROLE IN
// DATABASE SET) and grants on the database. They are copied from the live
// database that is replaced; if there is none, the copy gets those of a new
// database. Only differences are applied, so repeating it - right before the
// swap, for changes made meanwhile - costs three queries and writes nothing.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

// Applies what Berth may apply and returns a message for everything else: an
// ALTER ROLE ... IN DATABASE of another role, a superuser's setting, one that
// is too long, too many; and settings that would keep builds from working,
// which a former holder can have made: a small connection limit, read-only
// transactions, a timeout below a second, another role, libraries to load. No
// message contains the value of a setting.
std::vector<std::string> take_over_properties(
    Cluster& cluster, const std::optional<Database>& from, const Database& to);

// Why this setting, or this connection limit, is not copied; empty: it is.
std::string what_it_breaks(const std::string& name, const std::string& value);
std::string what_it_breaks(std::int64_t connection_limit);

// Splits "name=value", as pg_db_role_setting stores a setting.
std::pair<std::string, std::string> name_and_value(const std::string& setting);
// For ALTER ... SET and RESET: the name of a setting, and `SET NAME TO VALUE`
// with the value as in pg_db_role_setting.
std::string setting_identifier(Cluster& cluster, const std::string& name);
std::string set_clause(Cluster& cluster, const std::string& name,
                       const std::string& value);

}  // namespace berth::worker
