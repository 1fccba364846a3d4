// SPDX-License-Identifier: GPL-2.0-or-later
// An origin as browsers compare them: scheme, host and port of an http or https
// URL. Two are the same when all three are; a port that is not written is its
// scheme's (80, 443), and capital letters in scheme and host do not count.
// Nothing else is folded: "qa.example.com." is another host.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth {

struct Origin {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower-case; an IPv6 address in its brackets
  int port = 0;

  bool operator==(const Origin&) const = default;
};

// Of a whole URL; nullopt when it is no http or https URL, has no host, or has
// a user's name in it.
std::optional<Origin> origin_of(std::string_view url);

// Of what a client wrote into its Host header, "HOST" or "HOST:PORT", on a
// server of that scheme.
std::optional<Origin> origin_of_host(std::string_view scheme,
                                     std::string_view host);

}  // namespace berth
