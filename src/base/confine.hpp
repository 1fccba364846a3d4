// SPDX-License-Identifier: GPL-2.0-or-later
// Confines a child that reads data from others: a Landlock ruleset for files
// and a filter of system calls (base/system_calls.hpp), made in the parent and
// taken on between fork and exec by the child and all that it starts. A path
// not named here cannot be opened, listed, run, made, renamed or removed,
// whatever the account may do: no HOME, no configuration, no /proc; no socket,
// no signal.
//
// Use:
//   Confinement allowed = confined_program();   // libraries, /dev/null, ...
//   allowed.foreign.push_back("/cache/shop/shop.dump");
//   options.confinement = allowed;              // of ChildOptions
//
// On a kernel without one of the two, Child::start() throws Error with what to
// do, and nothing runs. Rights that a kernel does not know yet are omitted:
// before 6.12 (ABI 6) a program that may send signals can send them to other
// processes of its account. No kernel so far restricts stat and chdir, nor to
// which address a program with sockets connects.
//
// Rejected: a uid for each such program. It would have to be created and be
// given the dump, and berthd, which is not root, could not switch to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/system_calls.hpp"

namespace berth {

// Absolute paths: a file, or a folder with everything below it. A path that
// does not exist is omitted; a link is followed, except in `foreign`.
struct Confinement {
  std::vector<std::string> run;      // read and executed
  std::vector<std::string> read;     // read, folders listed
  std::vector<std::string> write;    // read, written, made, renamed, removed
  std::vector<std::string> devices;  // read and written, not made
  // Read, for paths in which others can create a link: a link in it, or a
  // missing path, is an error. Pass the path after realpath().
  std::vector<std::string> foreign;
  // Folders in which it may create sockets, and remove files.
  std::vector<std::string> listen;
  // The largest file in bytes that it may write; a write beyond fails with
  // EFBIG, and no signal ends the program. Unset: no limit.
  std::optional<std::int64_t> largest_file;
  SystemCalls calls;
};

// What any program needs to start, resolve an address and verify a certificate:
// programs, libraries and data of the system, the resolver's files, the public
// CA certificates, the account names, /dev/null. No secret is among them, and
// no sockets.
Confinement confined_program();

// Makes the ruleset, for landlock_restrict_self(). Throws Error.
Fd make_ruleset(const Confinement& allowed);

// Empty if this kernel can confine; otherwise why not, and what to do.
std::string why_unconfined();

}  // namespace berth
