// SPDX-License-Identifier: GPL-2.0-or-later
// What ssh_config says where a server is, for those of which the host knows no
// address: bridged guests, guests with addresses of their own. For show only -
// ssh itself reads the file again - so it understands Host and HostName and
// nothing else: what stands below a Match, or in an Include, is left out.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"

namespace berth::watch {

class SshHosts {
 public:
  // `file` empty: knows nothing.
  explicit SshHosts(std::string file) : file_(std::move(file)) {}
  // Reads the file again; a file that is not there says nothing.
  void read();
  void parse(const std::string& text);
  // The first HostName that a Host line gives to this name; none or one.
  std::vector<std::string> address_of(const std::string& server) const;

 private:
  struct Entry {
    std::vector<std::string> patterns;  // of its Host line
    std::string name;
  };
  std::string file_;
  std::vector<Entry> entries_;
};

}  // namespace berth::watch
