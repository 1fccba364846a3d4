// SPDX-License-Identifier: GPL-2.0-or-later
// Records the host keys of an enrolled guest, as root, in CONFIG/known_hosts,
// and takes away what berth kept of an earlier guest of that name
// (store/known_hosts.hpp).
#pragma once

#include <string>
#include <vector>

#include "base/config.hpp"

namespace berth::ctl {

// "TYPE BASE64" -> "SHA256:... (ED25519)", as ssh shows it; the key itself
// where ssh-keygen does not know it.
std::string shown_key(const std::string& key);

// Whether a key has its own type's name and is written as ssh itself writes it.
// ssh takes it under other names, and with other bytes, for the same key, but
// others_with_key() compares text.
bool is_as_ssh_writes(const std::string& key);

// What is recorded now, in either place.
std::vector<std::string> recorded_keys(const Config& config,
                                       const std::string& server);

// Throws Error when one of the keys is recorded under another server's name, in
// either place: two guests with one key cannot be told apart.
void refuse_keys_of_others(const Config& config, const std::string& server,
                           const std::vector<std::string>& keys);

// Throws Error as refuse_keys_of_others() does, and records nothing then.
// Empty `keys`: forgets the server. Replaces both places, root's file last, so
// that a kill in between leaves a guest that is reached by no key but the new.
void record_keys(const Config& config, const std::string& server,
                 const std::vector<std::string>& keys);

}  // namespace berth::ctl
