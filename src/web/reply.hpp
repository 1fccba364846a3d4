// SPDX-License-Identifier: GPL-2.0-or-later
// A reply, whole before its first byte goes out. Errors are
// application/problem+json (RFC 9457). An ETag is the fingerprint of the
// representation; a GET whose If-None-Match names it becomes a 304.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "web/problem.hpp"

namespace berth::web {

struct Reply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
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

// Status line, headers and body as a CGI program writes them. `head`: the
// headers of the same reply without its body.
std::string to_cgi(const Reply& reply, bool head);

}  // namespace berth::web
