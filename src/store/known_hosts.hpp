// SPDX-License-Identifier: GPL-2.0-or-later
// The host keys of guests, in ssh's format, each with the server's name (ssh is
// given HostKeyAlias, so an address may change). There are two places:
//
//   CONFIG/known_hosts      root's; `berthctl enroll` replaces a server's lines
//   lib/known_hosts/SERVER  berth's; written by the job that creates the
//                           server, with the key that it gave it, before the
//                           domain exists. If it exists, it alone is used: a
//                           line of an older guest of that name in root's file
//                           is ignored. `berthctl enroll` and a retirement
//                           remove it
//
// One file for each server, so that two jobs never write the same one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/config.hpp"

namespace berth {

// "TYPE BASE64" of each of a server's lines.
std::vector<std::string> host_keys_in(std::string_view text,
                                      const std::string& server);
// The names of lines with one of the keys but without the server's name. Hashed
// names are skipped.
std::vector<std::string> others_with_key(std::string_view text,
                                         const std::string& server,
                                         const std::vector<std::string>& keys);
// `text` with these keys instead of the server's lines; other lines unchanged.
std::string with_host_keys(std::string_view text, const std::string& server,
                           const std::vector<std::string>& keys);

// The file that ssh must use for a server.
std::string known_hosts_for(const Config& config, const std::string& server);

}  // namespace berth
