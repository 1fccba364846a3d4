// SPDX-License-Identifier: GPL-2.0-or-later
// The names of files that a directory-format dump gives for its rows and large
// objects: toc.dat has one for each entry with rows, blobs*.toc one in each
// line. pg_restore puts them behind the folder's name as they are, so that
// `../` in one makes it read another file. That it cannot is base/confine's
// part; here is what makes the message.
//
// Read are the archives of PostgreSQL 8.0 to 17 (versions 1.10 to 1.16 of
// pg_dump's pg_backup_archiver.c), with a bound on every length. Of another
// version, or of one that is damaged, no name is found: pg_restore says why.
#pragma once

#include <optional>
#include <string>

#include "base/dir.hpp"

namespace berth::worker {

// The first name in the folder's tables that is no plain file name, and the
// table's own name.
struct StrangeName {
  std::string table, name;
};
std::optional<StrangeName> strange_name_in(const Dir& folder);

}  // namespace berth::worker
