// SPDX-License-Identifier: GPL-2.0-or-later
// Records the host keys of an enrolled guest, as root, in CONFIG/known_hosts,
// and removes what berth recorded of an earlier guest of that name
// (store/known_hosts.hpp).
#pragma once

#include <string>
#include <vector>

#include "base/config.hpp"

namespace berth::ctl {

// Converts "TYPE BASE64" to "SHA256:... (ED25519)", as ssh shows it; returns
// the key itself if ssh-keygen does not know its type.
std::string shown_key(const std::string& key);

// Whether a key has its own type's name and is encoded as ssh itself encodes
// it. ssh accepts the same key under other names and with other bytes, but
// others_with_key() compares text.
bool is_as_ssh_writes(const std::string& key);

// The keys recorded now, in either place.
std::vector<std::string> recorded_keys(const Config& config,
                                       const std::string& server);

// Throws Error if one of the keys is recorded for another server, in either
// place: two guests with one key cannot be told apart.
void refuse_keys_of_others(const Config& config, const std::string& server,
                           const std::vector<std::string>& keys);

// Throws Error as refuse_keys_of_others() does, and then records nothing. Empty
// `keys`: forgets the server. It replaces both places, root's file last, so
// that after a kill in between the guest is reached with no key but the new
// one.
void record_keys(const Config& config, const std::string& server,
                 const std::vector<std::string>& keys);

}  // namespace berth::ctl
