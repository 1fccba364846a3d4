// SPDX-License-Identifier: GPL-2.0-or-later
// An origin as browsers compare them: scheme, host and port of an http or https
// URL. Two are equal if all three are; a missing port is the scheme's default
// (80, 443), and scheme and host are case-insensitive. Nothing else is
// normalized: "qa.example.com." is another host.
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

// The origin of a URL; nullopt if it is not http or https, has no host, or
// contains a user name.
std::optional<Origin> origin_of(std::string_view url);

// The origin of a client's Host header, "HOST" or "HOST:PORT", on a server with
// that scheme.
std::optional<Origin> origin_of_host(std::string_view scheme,
                                     std::string_view host);

}  // namespace berth
