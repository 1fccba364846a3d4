// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/request.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <optional>

#include "base/text.hpp"
#include "web/problem.hpp"

namespace berth::web {
namespace {

// A client that sends more than this is disconnected.
constexpr std::size_t kDrained = 1 << 20;
constexpr const char* kTooLarge =
    "the body must not be larger than 64 KiB";

void drain(const ReadBody& read_body) {
  std::array<char, 8192> unused;
  std::size_t total = 0;
  while (total < kDrained) {
    const std::size_t n = read_body(unused.data(), unused.size());
    if (n == 0) return;
    total += n;
  }
}

// nullopt: not sent. Only digits are accepted: "-1" and "1e9" are not lengths,
// and more than nine digits exceed the limit.
std::optional<std::size_t> declared_length(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(),
                   [](char c) { return c >= '0' && c <= '9'; })) {
    throw Problem(400, "Content-Length must be a number");
  }
  if (text.size() > 9) return kLargestBody + 1;
  return std::stoul(text);
}

std::string read_capped(const std::string& content_length,
                        const ReadBody& read_body) {
  const auto length = declared_length(content_length);
  if (length && *length > kLargestBody) {
    drain(read_body);
    throw Problem(413, kTooLarge);
  }
  // One byte more than allowed, to detect that there is more.
  const std::size_t most = length ? *length : kLargestBody + 1;
  std::string body;
  // Read in pieces, because most requests have no body and then need no buffer.
  std::array<char, 4096> piece;
  while (body.size() < most) {
    const std::size_t n =
        read_body(piece.data(), std::min(piece.size(), most - body.size()));
    if (n == 0) break;
    body.append(piece.data(), n);
  }
  if (body.size() > kLargestBody) {
    drain(read_body);
    throw Problem(413, kTooLarge);
  }
  if (length && body.size() < *length) {
    throw Problem(400, "the body is incomplete: " +
                           std::to_string(body.size()) + " of " +
                           std::to_string(*length) + " bytes");
  }
  return body;
}

std::string media_type(const std::string& header) {
  std::string type = lower(header.substr(0, header.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type;
}

void split_path(Request& request, const Lookup& lookup) {
  const auto get = [&lookup](const char* name) -> std::string {
    const char* value = lookup(name);
    return value ? value : "";
  };
  const std::string script = get("SCRIPT_NAME");
  if (const char* info = lookup("PATH_INFO"); info && *info) {
    request.path = info;
    request.mount = script;
    return;
  }
  const std::string mount = get("BERTH_API");
  if (!mount.empty() && script.starts_with(mount) &&
      (script.size() == mount.size() || script[mount.size()] == '/')) {
    request.path = script.substr(mount.size());
    request.mount = mount;
  } else {
    request.mount = script;
  }
}

// REQUEST_SCHEME is Apache's own; HTTPS may be set from a header by a site
// (SetEnvIf X-Forwarded-Proto), so it counts only if the former is not set.
std::string answering_site(const Lookup& lookup) {
  const auto get = [&lookup](const char* name) -> std::string {
    const char* value = lookup(name);
    return value ? value : "";
  };
  std::string scheme = get("REQUEST_SCHEME");
  if (scheme.empty()) scheme = get("HTTPS") == "on" ? "https" : "http";
  return scheme + "://" + get("SERVER_NAME") + ":" + get("SERVER_PORT");
}

// The best quality a header gives to one of these types; -1 when none.
double quality(const std::string& accept,
               std::initializer_list<const char*> types) {
  double best = -1;
  for (const auto& range : split(lower(accept), ',')) {
    auto parts = split(range, ';');
    std::string type = parts[0];
    std::erase(type, ' ');
    if (std::none_of(types.begin(), types.end(),
                     [&type](const char* t) { return type == t; })) {
      continue;
    }
    double q = 1;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      std::erase(parts[i], ' ');
      if (parts[i].starts_with("q=")) q = std::atof(parts[i].c_str() + 2);
    }
    best = std::max(best, q);
  }
  return best;
}

}  // namespace

Request read_request(const Lookup& lookup, const ReadBody& read_body) {
  const auto get = [&lookup](const char* name) -> std::string {
    const char* value = lookup(name);
    return value ? value : "";
  };
  Request request;
  request.method = get("REQUEST_METHOD");
  request.body = read_capped(get("CONTENT_LENGTH"), read_body);
  if (request.method == "HEAD") {
    request.head = true;
    request.method = "GET";
  }
  split_path(request, lookup);
  request.query = parse_form(get("QUERY_STRING"));
  request.content_type = media_type(get("CONTENT_TYPE"));
  request.accept = get("HTTP_ACCEPT");
  request.if_none_match = get("HTTP_IF_NONE_MATCH");
  request.idempotency_key = get("HTTP_IDEMPOTENCY_KEY");
  request.host = get("HTTP_HOST");
  request.site = answering_site(lookup);
  request.origin = get("HTTP_ORIGIN");
  request.referer = get("HTTP_REFERER");
  request.fetch_site = get("HTTP_SEC_FETCH_SITE");
  // Apache sets both for a login. REMOTE_USER alone may be set by a site from a
  // header (SetEnvIf) or a certificate (SSLUserName).
  if (!get("AUTH_TYPE").empty()) request.remote_user = get("REMOTE_USER");
  return request;
}

bool wants_text(const Request& request) {
  if (request.accept.find("text/plain") == std::string::npos) return false;
  const double text = quality(request.accept, {"text/plain"});
  return text > 0 && text > quality(request.accept, {"application/json"});
}

}  // namespace berth::web
