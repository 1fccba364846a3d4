// SPDX-License-Identifier: GPL-2.0-or-later
// What a child that reads what others wrote may do: a Landlock ruleset for
// files and a filter of system calls (base/system_calls.hpp), made in the
// parent and taken on between fork and exec, for the child and all that it
// starts. What is not named here it cannot open, list, run, make, rename or
// remove, whatever its account may: no HOME, no configuration, no /proc; no
// socket, no signal.
//
// Use:
//   Confinement allowed = confined_program();   // libraries, /dev/null, ...
//   allowed.foreign.push_back("/cache/shop/shop.dump");
//   options.confinement = allowed;              // of ChildOptions
//
// A kernel without one of them: Child::start() throws Error with what to do,
// and nothing runs. Rights that a kernel does not know yet are left out: before
// 6.12 (ABI 6) what may send signals may send them to other processes of its
// account. No kernel so far restricts stat and chdir, nor what a program that
// may have sockets connects to.
//
// Rejected: a uid of its own for each such program. It has to be made and to be
// given the dump, and berthd, which is not root, could not become it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/system_calls.hpp"

namespace berth {

// Absolute paths: a file, or a folder with all that is below it. One that does
// not exist is left out; a link is followed, but for `foreign`.
struct Confinement {
  std::vector<std::string> run;      // read and executed
  std::vector<std::string> read;     // read, folders listed
  std::vector<std::string> write;    // read, written, made, renamed, removed
  std::vector<std::string> devices;  // read and written as they are
  // Read, too, but where others can put a link into the path: with one in it,
  // or not there, it is an error. Give the path after realpath().
  std::vector<std::string> foreign;
  // Folders in which it may make a socket, and remove what is there.
  std::vector<std::string> listen;
  // Bytes of the largest file that it can write; a write beyond fails with
  // EFBIG, and no signal ends it. Unset: as large as the disk.
  std::optional<std::int64_t> largest_file;
  SystemCalls calls;
};

// What any program needs to start, find an address and check a certificate:
// programs, libraries and data of the system, the resolver's files, the public
// CA certificates, the account names, /dev/null. No secret is among them. No
// sockets.
Confinement confined_program();

// The ruleset, for landlock_restrict_self(). Throws Error.
Fd make_ruleset(const Confinement& allowed);

// Empty: this kernel can confine. Else why not, and what to do.
std::string why_unconfined();

}  // namespace berth
