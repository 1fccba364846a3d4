// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/role_setting.hpp"

#include "worker/cluster/properties.hpp"

namespace berth::worker {
namespace {

std::string alter_role(Cluster& cluster, const RoleSetting& setting) {
  return "ALTER ROLE " + cluster.quoted(setting.role) +
         (setting.database ? " IN DATABASE " + cluster.quoted(*setting.database)
                           : "") + " ";
}

}  // namespace

std::vector<RoleSetting> settings_of(Cluster& cluster,
                                     const std::string& role,
                                     const std::string& database) {
  std::vector<RoleSetting> out;
  for (const Row& row : cluster.sql().query(
           "SELECT d.datname, coalesce(d.datname = current_database(), false), "
           "coalesce(pg_has_role(r.oid, d.datdba, 'USAGE'), false), "
           "left(c, $4) COLLATE \"C\" "
           "FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c "
           "JOIN pg_roles r ON r.oid = s.setrole "
           "LEFT JOIN pg_database d ON d.oid = s.setdatabase "
           "WHERE r.rolname = $1 ORDER BY d.oid IS NOT NULL, "
           "d.datname IS DISTINCT FROM $2, "
           "d.datname IS DISTINCT FROM current_database(), "
           "pg_has_role(r.oid, d.datdba, 'USAGE') OR "
           "starts_with(d.datname, $3), 1, 4 LIMIT $5",
           {role, database, cluster.names().prefix(),
            std::to_string(kLongestRoleSetting),
            std::to_string(kMostRoleSettings + 1)})) {
    const auto [name, value] = name_and_value(cell_text(row[3]));
    out.push_back({role, row[0], cell_yes(row[1]), cell_yes(row[2]), name,
                   value});
  }
  return out;
}

std::string reset_of(Cluster& cluster, const RoleSetting& setting) {
  return alter_role(cluster, setting) + "RESET " +
         setting_identifier(cluster, setting.name);
}

std::string set_of(Cluster& cluster, const RoleSetting& setting) {
  return alter_role(cluster, setting) +
         set_clause(cluster, setting.name, setting.value);
}

}  // namespace berth::worker
