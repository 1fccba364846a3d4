// SPDX-License-Identifier: GPL-2.0-or-later
// Checks the files of a directory-format dump before pg_restore reads it.
// pg_restore appends the names in a dump's tables to the folder's name without
// a check, so that `../` in one makes it read another file. A dump is therefore
// accepted only if every byte that leads to a file was understood:
//
//   in the folder   toc.dat, N.dat, blob_N.dat (these two also with .gz, .lz4
//                   or .zst), blobs.toc, blobs_N.toc; other regular files, such
//                   as a README or checksums, only under names to which none of
//                   these leads, and which are not read; and kFoldersBeside
//   toc.dat         versions 1.10 to 1.16, as pg_dump of 8.0 to 18 writes it:
//                   integers of 4 bytes; no NUL byte in any text, because the
//                   text would end there for pg_restore; the entry "BLOBS"
//                   names blobs.toc or blobs_N.toc, each other entry N.dat or
//                   nothing. Before 1.16 one "BLOBS" may name N.dat, as old
//                   releases of pg_dump write it, if no such file exists:
//                   pg_restore opens blobs.toc instead, but pg_restore 17.0
//                   opens N.dat as a list
//   blobs*.toc      lines of "N blob_N.dat"
//
// pg_restore also reads toc.dat.gz and blobs.toc.gz, for people who compressed
// them manually. pg_dump never writes them, and they are refused. Everything
// that this code cannot read is refused, including a dump of a newer release,
// because pg_restore might read it.
//
// In addition, base/confine keeps pg_restore from reading other files.
#pragma once

#include <string>
#include <vector>

#include "base/dir.hpp"
#include "base/fd.hpp"

namespace berth::worker {

// Why the folder is refused, as the end of a sentence that begins with the
// dump's name: "contains ../x, ..."; empty if it is accepted.
std::string fault_of_folder(const Dir& folder);

// The same for one table, toc.dat or blobs*.toc. Used for the folder, and by
// tests.
std::string fault_of_table(const std::string& name, Fd table,
                           const Dir* folder = nullptr);

// The names listed above: N.dat with or without the suffix of a compression,
// and so on. N is a number as pg_dump prints it.
bool is_file_of_dump(const std::string& name);

// Those names as shell patterns for rsync's filters: they match exactly what
// is_file_of_dump() accepts. ([0-9]*.dat was rejected: it also matches
// 5abc.dat, a file that was not counted, and the fetch would exceed the listed
// size.)
std::vector<std::string> patterns_of_dump();

// The folders that file servers and file systems create, at a mount point for
// example: NetApp, btrfs, ZFS, ext4. They are skipped: not listed, not fetched,
// not opened. Any other folder in a dump's folder is refused.
inline constexpr const char* kFoldersBeside[] = {".snapshot", ".snapshots",
                                                 ".zfs", "lost+found"};
bool is_folder_beside(const std::string& name);

// Why a regular file of that name makes the folder be refused, to follow
// "contains NAME, ". Empty for a file of the dump, and for an ignored one.
std::string fault_of_name(const std::string& name);

}  // namespace berth::worker
