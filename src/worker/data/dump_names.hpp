// SPDX-License-Identifier: GPL-2.0-or-later
// The names in a dump. `pg_restore -l` writes "ID; CLASS OID TYPE SCHEMA NAME
// OWNER", where nobody can tell a table "order" of the owner "items shop" from
// a table "order items" of the owner "shop". The SQL that pg_restore --verbose
// writes has the same entry as
//
//   -- TOC entry ID (class CLASS OID OID)
//   -- Dependencies: ID ID
//   -- Name: NAME; Type: TYPE; Schema: SCHEMA; Owner: OWNER
//
// and is believed where both say the same, byte by byte: a function's body can
// hold such lines, too. What a table inherits from is in its body, by name,
//
//   INHERITS (log, audit."order items")
//
// and is believed of the tables that it depends on. Rows have no entry in the
// SQL of a dump's schema; their line in the list has the oid of the table.
// Reading the dump's own table of contents was rejected: releases of PostgreSQL
// change it, and pg_restore reads all of them.
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
  // Throws Error for a dump that lists one entry twice: pg_restore would take
  // another of them than we.
  explicit DumpNames(std::vector<DumpItem>& items);

  // Throws Error for more than anything real has of dependencies or parents.
  void take(std::string_view line);
  // Throws Error for a dump that describes one entry twice.
  void finish();

 private:
  struct Entry {
    std::set<std::int64_t> dependencies;
    bool partitioned = false;   // PARTITION BY
    bool partition = false;     // of another, as pg_dump before 14 writes it
    // Of INHERITS: schema and name; without a schema it is the table's own.
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
  // The one of these that `accept` takes, by id; 0: none.
  template <class Accept>
  std::int64_t first_of(const std::set<std::int64_t>& ids, Accept accept);

  std::vector<DumpItem>& items_;
  std::map<std::int64_t, std::size_t> by_id_;
  std::map<std::int64_t, Entry> entries_;  // those described, by id
  std::int64_t pending_ = 0;               // its name comes next
  std::set<std::int64_t> dependencies_;    // of the pending one
  std::size_t dependencies_seen_ = 0;      // of all
  std::int64_t current_ = 0;               // the table whose SQL follows
  char quote_ = 0;                         // open in it so far
  std::string inherits_;        // the front of a name in its INHERITS (
  std::size_t of_parents_ = 0;  // bytes of names in all of them
};

}  // namespace berth::worker
