// SPDX-License-Identifier: GPL-2.0-or-later
// A reply, complete before its first byte is sent. Errors are
// application/problem+json (RFC 9457). An ETag is the fingerprint of the
// representation; a GET whose If-None-Match has it gets a 304.
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
  // Used instead of `body`: bytes that outlive the reply and are not copied.
  std::shared_ptr<const std::string> kept;
  std::string etag;  // without quotes; empty: none
  Headers headers;   // name, value; values hold no control characters
};

const char* reason_phrase(int status);

Reply json_reply(int status, const json::value& value);
Reply text_reply(std::string text);
Reply problem_reply(const Problem& problem);

// Whether an If-None-Match header has this ETag. The comparison is weak, and a
// proxy's suffix "-gzip" is ignored.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

// The output of a CGI program: status line, headers and the empty line, then
// the body. The body of a 204, a 304 and a HEAD is empty; the headers of a HEAD
// are those of the GET.
std::string cgi_head(const Reply& reply);
std::string_view cgi_body(const Reply& reply, bool is_head);

}  // namespace berth::web
