// SPDX-License-Identifier: GPL-2.0-or-later
// What rsync tells of a backup host's files, line by line.
#include "base/error.hpp"
#include "fuzz/fuzz.hpp"
#include "worker/data/fetch.hpp"

namespace berth::fuzz {

FUZZ(listing) {
  worker::Remote remote;
  while (!input.empty()) {
    const std::string line = take_line(input);
    require(worker::progress_bytes(line) >= 0, "nobody moves less than none");
    try {
      if (worker::add_listed(line, "shop.dump", remote)) {
        require(line.find("shop.dump") != line.npos, "it is about that name");
      }
    } catch (const Error&) {
    }
    require(remote.size >= 0, "a size is not negative");
    require(!worker::size_text(remote.size).empty(), "a size can be shown");
  }
}

}  // namespace berth::fuzz
