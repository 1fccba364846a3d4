// SPDX-License-Identifier: GPL-2.0-or-later
// How CREATE DATABASE ... TEMPLATE copies the files: the best strategy first,
// then those to fall back on if the disk does not support it.
//
//   version   database                     strategy
//   18-       any                          clone, then as 15-17
//   18-       many small files, < 1 GB     as 15-17: a clone waits for the disk
//                                          once per file, too
//   15-17     under 64 MB                  WAL_LOG (no checkpoint)
//             many small files             WAL_LOG (waits for the disk once)
//             else                         FILE_COPY (no WAL)
//   -14       any                          the only one, without a clause
//
// The limit between WAL_LOG and FILE_COPY was measured on 15.18 with two cores.
// Right after a checkpoint, on a cluster where nobody writes, FILE_COPY is
// faster from some dozen MB on: 98 MB in 238 ms against 383 ms, 1 GB in 1.7 s
// against 2.7 s (`make bench-database`). Its two checkpoints wait for what
// others have written: while another database is copied and one is written to,
// WAL_LOG takes half to nine tenths of its time up to 100 MB, and they are
// equal at 220 MB. A database between the two sizes is copied here no slower
// than by a plain createdb, and on a busy cluster some tenths of a second
// slower than would be possible.
//
// Many small files means over 10,000 of at most 128 KiB on average; where Berth
// may not call pg_ls_dir, the size alone decides. 15.0 to 15.2 lose changes in
// a database created with WAL_LOG (release notes of 15.3): there it is never
// used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

enum class Strategy { only, wal_log, file_copy, clone };

struct CopySource {
  int version = 0;  // as PQserverVersion() returns it
  std::int64_t size = 0;
  std::optional<std::int64_t> files;  // nullopt: unknown
};

// Never empty; to be tried in this order.
std::vector<Strategy> strategies(const CopySource& source);
// "WAL_LOG", "FILE_COPY", "a clone of the files"; "" for the only one.
const char* name_of(Strategy strategy);
// Whether the next strategy may succeed where the last failed with this error:
// on a file system without clones, or for a database on two file systems.
bool is_for_the_next(Strategy strategy, const SqlError& error);

// The folder of a database's files, relative to the cluster's data directory
// and without the OID: "base/" or "pg_tblspc/17001/PG_15_202209061/". nullopt
// when Berth may not read it.
std::optional<std::string> folder_of(Cluster& cluster, const Database& d);
// nullopt when Berth may not read it. Files in other tablespaces are not
// counted.
std::optional<std::int64_t> count_files(Cluster& cluster, const Database& d);

}  // namespace berth::worker
