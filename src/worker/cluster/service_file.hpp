// SPDX-License-Identifier: GPL-2.0-or-later
// How a program of PostgreSQL's is told where to connect, when not everybody on
// the machine shall read it, as they can a command line: as a service file of
// libpq that no folder has. The child gets it under a number of its own and
// opens it through /proc/self/fd, which no confinement keeps it from.
//
//   const ServiceFile file(values);
//   options.pass = {{ServiceFile::kNumber, file.fd()}};
//   environment["PGSERVICEFILE"] = ServiceFile::path();
//   ... --dbname=service=berth
//
// The password of the login does not go there: a confined pg_restore can be
// led to read that file as rows, and cannot read its environment (/proc is not
// readable). Both can be read by root, and by unconfined processes of our
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

  // Throws Error with the keyword of a value that such a file cannot hold: it
  // has a line break, ends in a blank, or is too long.
  explicit ServiceFile(const std::map<std::string, std::string>& values);
  int fd() const { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace berth::worker
