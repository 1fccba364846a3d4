// SPDX-License-Identifier: GPL-2.0-or-later
// A request, read from the CGI variables and the body, so that handlers do not
// depend on FastCGI.
//
// The path is in PATH_INFO (mod_fcgid) or, where that is not set
// (mod_proxy_fcgi), in SCRIPT_NAME after the mount in BERTH_API, which the
// Apache file sets. Apache has decoded both.
//
// The body is limited here, to kLargestBody, whatever Apache's own limits are:
// a Content-Length is checked before a byte is read, a body without one (in
// chunks by mod_fcgid, of HTTP/2 by mod_proxy_fcgi) while it is read. The rest
// is drained, because mod_fcgid answers 500 if a program does not read it all.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "web/form.hpp"

namespace berth::web {

inline constexpr std::size_t kLargestBody = 64 * 1024;  // see apache/*.in

// nullptr if the variable is not set.
using Lookup = std::function<const char*(const char* name)>;
// Reads up to `size` bytes of the body; returns 0 at its end.
using ReadBody = std::function<std::size_t(char* data, std::size_t size)>;

struct Request {
  std::string method;  // HEAD arrives as GET
  bool head = false;
  std::string mount;   // "/berth/api"
  std::string path;    // "/servers/qa1"
  std::vector<std::string> names;  // what the route's {} matched, in order
  Fields query;
  std::string body;
  std::string content_type;  // lower-case, without parameters
  std::string accept;
  std::string if_none_match;
  std::string idempotency_key;
  std::string host;         // as the client sent it; empty: none
  // Apache's site (<VirtualHost>) that answers, "http://qa.example.com:80":
  // with the shipped Apache file never what a client sent.
  std::string site;
  std::string origin;
  std::string referer;
  std::string fetch_site;
  std::string remote_user;  // from Apache; empty without AUTH_TYPE
  std::string user;         // mapped (web/login.hpp); empty: not logged in
};

// Throws Problem: 400 for an invalid request, 413 for a body that is too large.
Request read_request(const Lookup& lookup, const ReadBody& read_body);

// Whether text/plain is asked for, rather than JSON or anything.
bool wants_text(const Request& request);

}  // namespace berth::web
