// SPDX-License-Identifier: GPL-2.0-or-later
// What a child that reads what others wrote may do with files: a Landlock
// ruleset, made in the parent and taken on between fork and exec, for the child
// and all that it starts. What is not named here it cannot open, list, run,
// make, rename or remove, whatever its account may: no HOME, no configuration,
// no /proc.
//
// Use:
//   Confinement allowed = confined_program();   // libraries, /dev/null, ...
//   allowed.foreign.push_back("/cache/shop/shop.dump");
//   options.confinement = allowed;              // of ChildOptions
//
// A kernel without Landlock: Child::start() throws Error with what to do, and
// nothing runs. Rights that a kernel does not know yet are left out: before 6.2
// (ABI 3) the child may truncate files of its account that it cannot open,
// before 6.12 (ABI 6) it may signal processes of its account. No kernel so far
// restricts stat, chdir, chmod, utimes, and connecting to sockets.
//
// Rejected: a uid of its own for each such program. It has to be made and to be
// given the dump, and berthd, which is not root, could not become it.
#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"

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
};

// What any program needs to start, find an address and check a certificate:
// programs, libraries and data of the system, the resolver's files, the public
// CA certificates, the account names, /dev/null. No secret is among them.
Confinement confined_program();

// The ruleset, for landlock_restrict_self(). Throws Error.
Fd make_ruleset(const Confinement& allowed);

// Empty: this kernel can confine. Else why not, and what to do.
std::string why_unconfined();

}  // namespace berth
