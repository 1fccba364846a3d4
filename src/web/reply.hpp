// SPDX-License-Identifier: GPL-2.0-or-later
// A reply, whole before its first byte goes out. Errors are
// application/problem+json (RFC 9457). An ETag is the fingerprint of the
// representation; a GET whose If-None-Match names it becomes a 304.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "web/problem.hpp"

namespace berth::web {

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  // Instead of `body`: bytes that outlive the reply and are not copied.
  std::shared_ptr<const std::string> kept;
  std::string etag;  // without quotes; empty: none
  Headers headers;   // name, value; values hold no control characters
};

const char* reason_phrase(int status);

Reply json_reply(int status, const json::value& value);
Reply text_reply(std::string text);
Reply problem_reply(const Problem& problem);

// Whether an If-None-Match header names this ETag. Weak comparison; a proxy's
// "-gzip" behind the tag counts as the same.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

// What a CGI program writes: status line, headers and the empty line, then
// the body. The body of a 204, a 304 and a HEAD is empty; a HEAD's headers are
// those of the GET.
std::string cgi_head(const Reply& reply);
std::string_view cgi_body(const Reply& reply, bool is_head);

}  // namespace berth::web
