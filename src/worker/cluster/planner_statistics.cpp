// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/planner_statistics.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "worker/cluster/script_session.hpp"

namespace berth::worker {
namespace {

constexpr std::size_t kMostTablesNamed = 5;

// OID, name for SQL, and the table's own autovacuum_enabled.
constexpr const char* kOurTables =
    "SELECT c.oid, format('%I.%I', n.nspname, c.relname), "
    "(SELECT split_part(o, '=', 2) FROM unnest(c.reloptions) o "
    "WHERE o LIKE 'autovacuum\\_enabled=%') "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND c.oid > $1::oid "
    "AND c.relpersistence <> 't' "
    // Those of a trusted extension belong to the creator of the cluster.
    "AND (pg_has_role(c.relowner, 'USAGE') OR NOT EXISTS "
    "(SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass "
    "AND d.objid = c.oid AND d.deptype = 'e')) "
    "ORDER BY c.oid LIMIT 5000";

Connection open_database(Cluster& cluster, const std::string& database) {
  return Connection("database " + database, cluster.config(),
                    cluster.own_session(), cluster.link(), database);
}

// Reads the tables in parts, however many there are.
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

// What the last ANALYZE sampled, of tables and of indexes: whether it saw a row
// of theirs `alone`, and one together with all that inherit from them
// (`whole`); and whether another ANALYZE ran `before` it. ANALYZE stores in
// reltuples how many rows it saw: of an index, the rows that meet its
// condition; of a partitioned table, those of its partitions (since 14); but of
// a table with children, only those without the children. What was sampled with
// children therefore counts as new only if the table has been analysed once, by
// Berth. ANALYZE samples no foreign table and skips an index that is not ready.
std::string sampled(int version) {
  const std::string analysed_before =
      "pg_stat_get_analyze_count(c.oid) + "
      "pg_stat_get_autoanalyze_count(c.oid) <> 1";
  // Before 14 a partitioned table has neither counter.
  const std::string of_partitions =
      version < 140000 ? "t.filled AND NOT t.one_before" : "c.reltuples > 0";
  const std::string counted =
      version < 140000 ? "c.relkind IN ('r', 'm')"
                       : "(b.oid = b.top OR c.relkind IN ('r', 'm'))";
  return "WITH RECURSIVE below(top, oid) AS "
         "(SELECT c.oid, c.oid FROM pg_class c "
         "WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'p', 'f') "
         "UNION SELECT b.top, i.inhrelid FROM below b "
         "JOIN pg_inherits i ON i.inhparent = b.oid), "
         "tree AS (SELECT b.top, bool_or(b.oid <> b.top) AS parent, "
         "bool_or(c.relkind IN ('r', 'm') AND c.reltuples > 0) AS filled, "
         "bool_or(b.oid = b.top AND " + analysed_before + ") AS before, "
         "bool_or(" + counted + " AND " + analysed_before +
         ") AS one_before "
         "FROM below b JOIN pg_class c ON c.oid = b.oid GROUP BY b.top), "
         "sampled AS (SELECT c.oid, n.nspname, c.relname, "
         "t.one_before AS before, "
         "c.relkind IN ('r', 'm') AND c.reltuples > 0 AS alone, "
         "t.parent AND CASE c.relkind WHEN 'p' THEN " + of_partitions + " "
         "WHEN 'r' THEN t.filled AND NOT t.before ELSE false END AS whole "
         "FROM tree t JOIN pg_class c ON c.oid = t.top "
         "JOIN pg_namespace n ON n.oid = c.relnamespace "
         "UNION ALL SELECT c.oid, n.nspname, c.relname, t.before, "
         "c.reltuples > 0 AND i.indisready, false "
         "FROM tree t JOIN pg_index i ON i.indrelid = t.top "
         "JOIN pg_class c ON c.oid = i.indexrelid "
         "JOIN pg_namespace n ON n.oid = c.relnamespace) ";
}

// Samples of values that the last ANALYZE has not replaced: it saw no row, or
// was told to take none (a statistics target of 0; a column that is computed
// when it is read has no sample). The analyze function of an extension's type
// may keep its sample too: PostGIS's does when it sees no geometry, so such a
// sample is new only if its table has been analysed once. Any sample of values
// counts, not only the parts that pg_stats shows: before 17 it shows none of
// the histograms of ranges.
constexpr const char* kOldColumns =
    "SELECT DISTINCT format('%I.%I', t.nspname, t.relname) FROM sampled t "
    "JOIN pg_stats s ON s.schemaname = t.nspname AND s.tablename = t.relname "
    "LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = s.attname "
    "WHERE s.null_frac < 1 AND (a.attstattarget = 0 OR a.attgenerated = 'v' "
    "OR NOT CASE WHEN s.inherited THEN t.whole ELSE t.alone END "
    // For an index the column's type is the type that the index stores.
    "OR (t.before AND EXISTS (SELECT 1 FROM pg_type y "
    "WHERE y.typanalyze::oid >= 16384 AND (y.oid = a.atttypid OR y.oid IN "
    "(SELECT o.opcintype FROM pg_index i JOIN pg_opclass o "
    "ON o.oid = ANY (i.indclass) WHERE i.indexrelid = t.oid))))) ";

// The same for statistics of several columns, and of expressions. ANALYZE keeps
// one if a column of it has a target of 0, or if all columns of the table have;
// columns that only an expression reads do not matter.
std::string old_together(int version) {
  // Since 15 there is one sample without children and one with them.
  const std::string fresh =
      version < 150000 ? "CASE c.relkind WHEN 'p' THEN t.whole ELSE t.alone END"
                       : "CASE WHEN s.inherited THEN t.whole ELSE t.alone END";
  const auto of = [&](const std::string& view, const std::string& has_values) {
    return "UNION SELECT format('%I.%I', t.nspname, t.relname) FROM sampled t "
           "JOIN pg_class c ON c.oid = t.oid "
           "JOIN pg_statistic_ext e ON e.stxrelid = t.oid "
           "JOIN pg_namespace n ON n.oid = e.stxnamespace "
           "JOIN " + view + " s ON s.statistics_schemaname = n.nspname "
           "AND s.statistics_name = e.stxname "
           "WHERE " + has_values + " AND (e.stxstattarget = 0 "
           "OR NOT " + fresh + " "
           "OR EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = t.oid "
           "AND a.attnum = ANY (e.stxkeys) AND a.attstattarget = 0) "
           "OR NOT EXISTS (SELECT 1 FROM pg_attribute a "
           "WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped "
           "AND a.attgenerated <> 'v' "
           "AND a.attstattarget IS DISTINCT FROM 0)) ";
  };
  return of("pg_stats_ext", "s.most_common_vals IS NOT NULL") +
         (version < 140000 ? "" : of("pg_stats_ext_exprs", "s.null_frac < 1"));
}

std::string old_statistics(int version) {
  return sampled(version) + kOldColumns + old_together(version);
}

// What pg_stats and the related views leave out: tables whose rows a policy
// hides from the session, and those of which it may not read each column.
// Statistics of several columns are visible only to the owner.
constexpr const char* kUnseen =
    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.oid >= 16384 AND (c.relkind IN ('r', 'm', 'p', 'f') "
    // Of an index only expressions are sampled.
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
  // Before 15 a counter may appear up to half a second late.
  if (ours.version() < 150000) ours.query("SELECT pg_sleep(1)", {}, deadline);
  look(ours);
  // What is hidden from Berth may be visible to the owner or the login role.
  if (!unseen.empty()) {
    Connection theirs = script_session(target);
    look(theirs);
    theirs.run("RESET ROLE");
    look(theirs);
  }
  if (!old.empty()) {
    throw Error("vacuum", few_of(old),
                "the planner's statistics keep values from before the scrub, "
                "or it cannot be determined whether they do: ANALYZE keeps a "
                "sample where it sees no row (of the table, its children, or "
                "those of a partial index), where a statistics target is 0, of "
                "foreign tables, and perhaps of tables with children and of "
                "an extension's types; run no ANALYZE or VACUUM (ANALYZE) in "
                "a script: the refresh runs it after them");
  }
  if (!unseen.empty()) {
    throw Error("vacuum", few_of(unseen),
                "the planner's statistics are not visible, so it is unknown "
                "whether they keep values from before the scrub: " +
                    target.role +
                    " may not read the table, or a policy hides its rows; "
                    "write GRANT SELECT ON it TO " +
                    ours.identifier(target.role) +
                    ", or ALTER TABLE it NO FORCE ROW LEVEL SECURITY, in a "
                    "script");
  }
}

}  // namespace berth::worker
