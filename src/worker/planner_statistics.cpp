// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/planner_statistics.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "worker/script_session.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostTablesNamed = 5;

// oid, name for SQL, its own autovacuum_enabled.
constexpr const char* kOurTables =
    "SELECT c.oid, format('%I.%I', n.nspname, c.relname), "
    "(SELECT split_part(o, '=', 2) FROM unnest(c.reloptions) o "
    "WHERE o LIKE 'autovacuum\\_enabled=%') "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND c.oid > $1::oid "
    "AND c.relpersistence <> 't' "
    // A trusted extension's belong to who made the cluster.
    "AND (pg_has_role(c.relowner, 'USAGE') OR NOT EXISTS "
    "(SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
    "AND d.objid = c.oid AND d.deptype = 'e')) "
    "ORDER BY c.oid LIMIT 5000";

Connection open_database(Cluster& cluster, const std::string& database) {
  return Connection("database " + database, cluster.config(),
                    cluster.own_session(), cluster.link(), database);
}

// However many there are: a part of them at a time.
Rows our_tables(Connection& sql, Deadline deadline) {
  Rows out;
  Cell last = "0";
  while (true) {
    Rows more = sql.query(kOurTables, {last}, deadline);
    if (more.empty()) return out;
    last = more.back()[0];
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
}

// A sample that ANALYZE took, and that the last one has not replaced: it does
// not where it saw no row (reltuples is 0 then) or was told to take none.
// What inherits is sampled with its children, and an index on an expression
// with its table: how many rows an index has is not told after each VACUUM, so
// that of a partial one nobody knows whether it had any. It passes where the
// table has been analysed once, by us: then it has no older sample.
// Any sample of values counts, not only the parts that pg_stats shows: before
// 17 it has none of a range's histograms.
std::string old_statistics(int version) {
  // Before 15 the counts come late.
  const std::string analysed_before =
      "pg_stat_get_analyze_count(i.indrelid) + "
      "pg_stat_get_autoanalyze_count(i.indrelid) " +
      std::string(version < 150000 ? "> 1" : "<> 1");
  const std::string sampled =
      "WITH RECURSIVE below(top, rows_of, oid) AS "
      "(SELECT c.oid, coalesce(i.indrelid, c.oid), coalesce(i.indrelid, c.oid) "
      "FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid "
      "WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'i', 'p') "
      "UNION SELECT b.top, b.rows_of, i.inhrelid FROM below b "
      "JOIN pg_inherits i ON i.inhparent = b.oid), "
      "filled AS (SELECT b.top, "
      "bool_or(b.rows_of = b.oid AND c.reltuples > 0) AS alone, "
      "bool_or(c.reltuples > 0) AS whole "
      "FROM below b JOIN pg_class c ON c.oid = b.oid GROUP BY b.top), "
      "named AS (SELECT c.oid, n.nspname, c.relname, f.alone, f.whole, "
      "coalesce(i.indpred IS NOT NULL AND " + analysed_before +
      ", false) AS partial "
      "FROM filled f JOIN pg_class c ON c.oid = f.top "
      "JOIN pg_namespace n ON n.oid = c.relnamespace "
      "LEFT JOIN pg_index i ON i.indexrelid = c.oid) ";
  const std::string columns =
      "SELECT DISTINCT format('%I.%I', t.nspname, t.relname) FROM named t "
      "JOIN pg_stats s ON s.schemaname = t.nspname AND s.tablename = t.relname "
      "LEFT JOIN pg_attribute a ON a.attrelid = t.oid "
      "AND a.attname = s.attname "
      "WHERE s.null_frac < 1 AND (a.attstattarget = 0 OR t.partial "
      "OR NOT CASE WHEN s.inherited THEN t.whole ELSE t.alone END) ";
  // Of several columns together: since 12, with a target of its own since 13,
  // and one sample without children and one with them since 15.
  if (version < 130000) return sampled + columns;
  const std::string filled =
      version < 150000
          ? "t.whole"
          : "CASE WHEN s.inherited THEN t.whole ELSE t.alone END";
  const std::string together =
      "UNION SELECT format('%I.%I', t.nspname, t.relname) FROM named t "
      "JOIN pg_statistic_ext e ON e.stxrelid = t.oid "
      "JOIN pg_namespace n ON n.oid = e.stxnamespace "
      "JOIN pg_stats_ext s ON s.statistics_schemaname = n.nspname "
      "AND s.statistics_name = e.stxname "
      "WHERE s.most_common_vals IS NOT NULL "
      "AND (e.stxstattarget = 0 OR NOT " + filled + ") ";
  if (version < 140000) return sampled + columns + together;
  return sampled + columns + together +
         "UNION SELECT format('%I.%I', t.nspname, t.relname) FROM named t "
         "JOIN pg_statistic_ext e ON e.stxrelid = t.oid "
         "JOIN pg_namespace n ON n.oid = e.stxnamespace "
         "JOIN pg_stats_ext_exprs s ON s.statistics_schemaname = n.nspname "
         "AND s.statistics_name = e.stxname "
         "WHERE s.null_frac < 1 "
         "AND (e.stxstattarget = 0 OR NOT " + filled + ") ";
}

// What pg_stats and its brothers leave out: tables whose rows a policy hides
// from us, and those of which we may not read each column. For statistics of
// several columns, one has to be the owner, too.
constexpr const char* kUnseen =
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid >= 16384 AND (c.relkind IN ('r', 'm', 'p') "
    // Of an index only what is computed is sampled.
    "OR EXISTS (SELECT 1 FROM pg_index x "
    "WHERE x.indexrelid = c.oid AND x.indexprs IS NOT NULL)) "
    "AND c.relpersistence <> 't' AND n.nspname <> 'pg_toast' "
    "AND ((c.relrowsecurity AND row_security_active(c.oid)) "
    "OR (NOT pg_has_role(c.relowner, 'USAGE') AND EXISTS "
    "(SELECT 1 FROM pg_statistic_ext e WHERE e.stxrelid = c.oid)) "
    "OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid "
    "AND a.attnum > 0 AND NOT a.attisdropped "
    "AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT')))";

std::string few_of(const std::set<std::string>& names) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (++count > kMostTablesNamed) return out + " and others";
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

}  // namespace

std::vector<Quieted> keep_autovacuum_off(Cluster& cluster,
                                         const std::string& database,
                                         Deadline deadline) {
  Connection sql = open_database(cluster, database);
  std::vector<Quieted> out;
  for (const Row& row : our_tables(sql, deadline)) {
    sql.run("ALTER TABLE " + cell_text(row[1]) +
                " SET (autovacuum_enabled = false)",
            deadline);
    out.push_back({cell_text(row[0]), row[2]});
  }
  return out;
}

void let_autovacuum(Cluster& cluster, const std::string& database,
                    const std::vector<Quieted>& tables, Deadline deadline) {
  Connection sql = open_database(cluster, database);
  std::map<std::string, Row> now;
  for (Row& row : our_tables(sql, deadline)) {
    now.emplace(cell_text(row[0]), std::move(row));
  }
  for (const Quieted& table : tables) {
    const auto found = now.find(table.oid);
    if (found == now.end() || found->second[2] != Cell("false")) continue;
    sql.run("ALTER TABLE " + cell_text(found->second[1]) +
                (table.autovacuum_enabled
                     ? " SET (autovacuum_enabled = " +
                           sql.literal(*table.autovacuum_enabled) + ")"
                     : " RESET (autovacuum_enabled)"),
            deadline);
  }
}

void require_no_old_statistics(const ScriptTarget& target, Deadline deadline) {
  std::set<std::string> old, unseen;
  bool first = true;
  const auto look = [&](Connection& sql) {
    const auto names = [&](const std::string& query) {
      std::set<std::string> out;
      for (const Row& row : sql.query(
               "SELECT q.* FROM (" + query + ") q ORDER BY 1 LIMIT 10000", {},
               deadline)) {
        out.insert(cell_text(row[0]));
      }
      return out;
    };
    old.merge(names(old_statistics(sql.version())));
    const auto hidden = names(kUnseen);
    if (first) unseen = hidden;
    std::erase_if(unseen, [&](const auto& n) { return !hidden.contains(n); });
    first = false;
  };
  Connection ours = open_database(target.cluster, target.database);
  look(ours);
  // What is hidden from us may not be from who owns it, or who restored it.
  if (!unseen.empty()) {
    Connection theirs = script_session(target);
    look(theirs);
    theirs.run("RESET ROLE");
    look(theirs);
  }
  if (!old.empty()) {
    throw Error("vacuum", few_of(old),
                "the planner's statistics keep values from before the scrub, "
                "because the table is empty, or the column's statistics target "
                "0, and ANALYZE leaves them, or may keep them, because no row "
                "has to meet a partial index's condition; run no ANALYZE or "
                "VACUUM (ANALYZE) in a script before what removes the values, "
                "and none at all of a table with such an index");
  }
  if (!unseen.empty()) {
    throw Error("vacuum", few_of(unseen),
                "the planner's statistics cannot be seen, so that nobody knows "
                "whether they keep values from before the scrub: " +
                    target.role +
                    " may not read the table, or a policy hides its rows from "
                    "it; write GRANT SELECT ON it TO " +
                    ours.identifier(target.role) +
                    ", or ALTER TABLE it NO FORCE ROW LEVEL SECURITY, in a "
                    "script");
  }
}

}  // namespace berth::worker
