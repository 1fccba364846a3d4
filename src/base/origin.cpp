// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/origin.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace berth {
namespace {

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 255 &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

bool is_address_in_brackets(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
         host.substr(1, host.size() - 2)
                 .find_first_not_of("0123456789abcdef:.") ==
             std::string_view::npos;
}

std::optional<int> port_number(std::string_view text) {
  int port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || stop != end || port < 1 || port > 65535) {
    return std::nullopt;
  }
  return port;
}

}  // namespace

std::optional<Origin> origin_of_host(std::string_view scheme,
                                     std::string_view host) {
  Origin out{std::string(scheme), lower(host), scheme == "https" ? 443 : 80};
  // The colon of a port, not one in an address in brackets.
  const std::size_t colon = out.host.rfind(':');
  if (colon != std::string::npos &&
      out.host.find(']', colon) == std::string::npos) {
    const auto port = port_number(std::string_view(out.host).substr(colon + 1));
    if (!port) return std::nullopt;
    out.port = *port;
    out.host.resize(colon);
  }
  if (!is_host_name(out.host) && !is_address_in_brackets(out.host)) {
    return std::nullopt;
  }
  return out;
}

std::optional<Origin> origin_of(std::string_view url) {
  const std::size_t end = url.find("://");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string scheme = lower(url.substr(0, end));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  url.remove_prefix(end + 3);
  return origin_of_host(scheme, url.substr(0, url.find_first_of("/?#")));
}

}  // namespace berth
