// SPDX-License-Identifier: GPL-2.0-or-later
// The names in a dump. `pg_restore -l` writes "ID; CLASS OID TYPE SCHEMA NAME
// OWNER", in which a table "order" of the owner "items shop" looks like a table
// "order items" of the owner "shop". The SQL that pg_restore --verbose writes
// has the same entry as
//
//   -- TOC entry ID (class CLASS OID OID)
//   -- Dependencies: ID ID
//   -- Name: NAME; Type: TYPE; Schema: SCHEMA; Owner: OWNER
//
// It is accepted only if both agree, byte by byte, because a function's body
// can contain such lines as well. A table's parents are in its body, by name,
//
//   INHERITS (log, audit."order items")
//
// and are accepted only if the table depends on them. Rows have no entry in the
// SQL of a dump's schema; their line in the list has the oid of the table.
// Reading the dump's own table of contents was rejected: its format changes
// between releases of PostgreSQL, and pg_restore reads all of them.
//
// Use:  DumpNames names(items);        // as `pg_restore -l` listed them
//       for each line of the SQL: names.take(line);
//       names.finish();                // sets type, schema, name, parents
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "worker/data/dump.hpp"

namespace berth::worker {

class DumpNames {
 public:
  // Throws Error for a dump that lists an entry twice: pg_restore might use the
  // other of the two.
  explicit DumpNames(std::vector<DumpItem>& items);

  // Throws Error for more dependencies or parents than any real dump has.
  void take(std::string_view line);
  // Throws Error for a dump that describes an entry in two ways.
  void finish();

 private:
  struct Entry {
    std::set<std::int64_t> dependencies;
    bool partitioned = false;   // PARTITION BY
    bool partition = false;     // of another, as pg_dump before 14 writes it
    // Schema and name of each parent; an empty schema is the table's own.
    std::set<std::pair<std::string, std::string>> inherits;
  };
  void take_header(std::string_view line);
  bool take_name(DumpItem& item, std::string_view names);
  void take_body(std::string_view line);
  void take_inherits(std::string_view text);
  void name_rows();
  void find_parents();
  DumpItem* find(std::int64_t id);
  bool inherits(const DumpItem& item, const Entry& entry,
                const DumpItem& from) const;
  // The id of the first relation among these that `accept` accepts; 0: none.
  template <class Accept>
  std::int64_t first_of(const std::set<std::int64_t>& ids, Accept accept);

  std::vector<DumpItem>& items_;
  std::map<std::int64_t, std::size_t> by_id_;
  std::map<std::int64_t, Entry> entries_;  // those described, by id
  std::int64_t pending_ = 0;               // the entry whose name follows
  std::set<std::int64_t> dependencies_;    // of the pending entry
  std::size_t dependencies_seen_ = 0;      // of all entries
  std::int64_t current_ = 0;               // the table whose SQL follows
  char quote_ = 0;                         // the quote open in its SQL
  std::string inherits_;        // the beginning of a name in its INHERITS (
  std::size_t of_parents_ = 0;  // bytes of all parents' names
};

}  // namespace berth::worker
