// SPDX-License-Identifier: GPL-2.0-or-later
// Passes connection parameters to a program of PostgreSQL without showing them
// to everybody on the machine, as a command line would: in a libpq service file
// that exists in no folder. The child inherits it under a fixed descriptor and
// opens it through /proc/self/fd, which no confinement forbids.
//
// Use:
//   const ServiceFile file(values);
//   options.pass = {{ServiceFile::kNumber, file.fd()}};
//   environment["PGSERVICEFILE"] = ServiceFile::path();
//   ... --dbname=service=berth
//
// The password of the login is not in it: a confined pg_restore can be made to
// read that file as rows, but cannot read its environment (/proc is not
// readable). Root can read both, and so can unconfined processes of berth's
// account, which may trace it: a process that is not dumpable becomes dumpable
// at exec.
// account, which may trace it: what is not dumpable becomes so at exec.
#pragma once

#include <map>
#include <string>

#include "base/fd.hpp"

namespace berth::worker {

class ServiceFile {
 public:
  static constexpr int kNumber = 3;
  static std::string path() {
    return "/proc/self/fd/" + std::to_string(kNumber);
  }
  static std::string conninfo() { return "service=berth"; }

  // Throws Error with the keyword of a value that such a file cannot contain:
  // it has a line break, ends in a space, or is too long.
  explicit ServiceFile(const std::map<std::string, std::string>& values);
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace berth::worker
