// SPDX-License-Identifier: GPL-2.0-or-later
// What a directory-format dump may be made of, checked before pg_restore reads
// it. pg_restore puts the names in a dump's tables behind the folder's name as
// they are, so that `../` in one makes it read another file. So a dump is
// taken only where every byte that leads to a file was understood:
//
//   in the folder   toc.dat, N.dat, blob_N.dat (these two also with .gz, .lz4
//                   or .zst), blobs.toc, blobs_N.toc; beside them only regular
//                   files whose names nothing of the above leads to: a README
//                   or checksums, which nobody reads, and kFoldersBeside
//   toc.dat         versions 1.10 to 1.16, as pg_dump of 8.0 to 18 writes it:
//                   integers of 4 bytes; no NUL byte in any text, where it
//                   would end for pg_restore; the entry "BLOBS" names
//                   blobs.toc or blobs_N.toc, each other entry N.dat or
//                   nothing. Before 1.16 one "BLOBS" may name N.dat, as old
//                   releases of pg_dump have it, where no such file is:
//                   pg_restore opens blobs.toc in its place, but that of 17.0
//                   opens N.dat as a list
//   blobs*.toc      lines of "N blob_N.dat"
//
// pg_restore also reads toc.dat.gz and blobs.toc.gz, for people who packed them
// by hand. pg_dump never writes them, and they are refused. What is refused is
// what this cannot read, a dump of a newer release included: pg_restore might.
//
// That pg_restore cannot read other files is base/confine's part besides.
#pragma once

#include <string>
#include <vector>

#include "base/dir.hpp"
#include "base/fd.hpp"

namespace berth::worker {

// Why it is refused, as the end of a sentence that begins with the dump's name:
// "has ../x in it, ..."; empty when it is not.
std::string fault_of_folder(const Dir& folder);

// Of one table, `name` is toc.dat or blobs*.toc. For the folder, and tests.
std::string fault_of_table(const std::string& name, Fd table,
                           const Dir* folder = nullptr);

// As above: N.dat with or without the end of a compression, and so on. N is a
// number as pg_dump prints it.
bool is_file_of_dump(const std::string& name);

// Those names as patterns of a shell, for rsync's filters: they take what
// is_file_of_dump() takes and nothing else. (Rejected: [0-9]*.dat, which also
// takes 5abc.dat: a file that was not counted is more than the host listed.)
std::vector<std::string> patterns_of_dump();

// What file servers and file systems put into a folder, at a mount point for
// example: NetApp, btrfs, ZFS, ext4. As folders they are left out: not listed,
// not fetched, not opened. Any other folder in a dump's is refused.
inline constexpr const char* kFoldersBeside[] = {".snapshot", ".snapshots",
                                                 ".zfs", "lost+found"};
bool is_folder_beside(const std::string& name);

// Why a regular file of that name refuses the folder, after "has NAME in it, ".
// Empty for one of the dump, and for one that is ignored.
std::string fault_of_name(const std::string& name);

}  // namespace berth::worker
