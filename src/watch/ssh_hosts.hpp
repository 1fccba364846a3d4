// SPDX-License-Identifier: GPL-2.0-or-later
// The addresses in ssh_config, for servers whose address the host does not
// know: bridged guests, guests with static addresses. They are only shown - ssh
// itself reads the file again - so only Host and HostName are supported; lines
// below a Match, or in an Include, are ignored.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"

namespace berth::watch {

class SshHosts {
 public:
  // An empty `file` gives no addresses.
  explicit SshHosts(std::string file) : file_(std::move(file)) {}
  // Reads the file again; a missing file gives no addresses.
  void read();
  void parse(const std::string& text);
  // The first HostName that a Host line gives to this name; at most one.
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
