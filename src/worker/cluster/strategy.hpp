// SPDX-License-Identifier: GPL-2.0-or-later
// How CREATE DATABASE ... TEMPLATE copies: the best way first, then what is
// left when the disk cannot do that.
//
//   version   database                     way
//   18-       any                          clone, then as 15-17
//   18-       many small files, < 1 GB     as 15-17: a clone, too, waits for
//                                          the disk once a file
//   15-17     under 64 MB                  WAL_LOG (no checkpoint)
//             many small files             WAL_LOG (waits for the disk once)
//             else                         FILE_COPY (no WAL)
//   -14       any                          the only way it knows, no clause
//
// Where the line is between WAL_LOG and FILE_COPY was measured on 15.18, two
// cores. Right behind a checkpoint, on a cluster where nobody writes, FILE_COPY
// is ahead from some dozen MB on: 98 MB in 238 ms against 383, 1 GB in 1.7 s
// against 2.7 (`make bench-database`). Its two checkpoints wait for what others
// have written: while another database is copied and one is written to, WAL_LOG
// takes half to nine tenths of its time up to 100 MB, and they meet at 220. A
// database between the two sizes is copied no slower here than by a plain
// createdb, and by some tenths of a second slower than could be on a cluster
// that is busy.
//
// Many small files are over 10,000 of 128 KiB on average; where pg_ls_dir may
// not be asked, the size decides alone. 15.0 to 15.2 lose changes in a database
// made with WAL_LOG (release notes of 15.3): there it is never used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "worker/cluster/cluster.hpp"

namespace berth::worker {

enum class Strategy { only, wal_log, file_copy, clone };

struct CopySource {
  int version = 0;  // as PQserverVersion() says
  std::int64_t size = 0;
  std::optional<std::int64_t> files;  // nullopt: not told
};

// Never empty; to be tried in this order.
std::vector<Strategy> strategies(const CopySource& source);
// "WAL_LOG", "FILE_COPY", "a clone of the files"; "" for the only one.
const char* name_of(Strategy strategy);
// Whether the next strategy may do what this failure says the last could not:
// a file system without clones, or a database that lies across two.
bool is_for_the_next(Strategy strategy, const SqlError& error);

// Where the cluster keeps a database's files, relative to its data directory,
// without the OID: "base/" or "pg_tblspc/17001/PG_15_202209061/". nullopt when
// that may not be asked.
std::optional<std::string> folder_of(Cluster& cluster, const Database& d);
// nullopt when that may not be asked. What lies in other tablespaces is not
// counted.
std::optional<std::int64_t> count_files(Cluster& cluster, const Database& d);

}  // namespace berth::worker
