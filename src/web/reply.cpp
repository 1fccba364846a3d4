// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/reply.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::web {

void refuse_member(const std::string& member, const std::string& detail) {
  throw Problem(400, detail, {{"member", member}});
}

const char* reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 421: return "Misdirected Request";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return status < 400 ? "OK" : "Error";
  }
}

Reply json_reply(int status, const json::value& value) {
  Reply reply;
  reply.status = status;
  reply.body = json::serialize(value) + "\n";
  return reply;
}

Reply text_reply(std::string text) {
  Reply reply;
  reply.content_type = "text/plain; charset=utf-8";
  reply.body = std::move(text);
  return reply;
}

Reply problem_reply(const Problem& problem) {
  json::object body = {{"type", "about:blank"},
                       {"title", reason_phrase(problem.status())},
                       {"status", problem.status()},
                       {"detail", problem.what()}};
  // The members above are kept: an extra cannot change the status.
  for (const auto& [key, value] : problem.extra()) body.emplace(key, value);
  Reply reply = json_reply(problem.status(), body);
  reply.content_type = "application/problem+json";
  reply.headers = problem.headers();
  return reply;
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  if (etag.empty()) return false;
  for (const auto& part : split(if_none_match, ',')) {
    std::string_view tag = part;
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') continue;
    tag = tag.substr(1, tag.size() - 2);
    if (tag.ends_with("-gzip")) tag.remove_suffix(5);
    if (tag == etag) return true;
  }
  return false;
}

namespace {

bool is_bare(const Reply& reply) {
  return reply.status == 204 || reply.status == 304;
}

const std::string& bytes_of(const Reply& reply) {
  return reply.kept ? *reply.kept : reply.body;
}

}  // namespace

std::string cgi_head(const Reply& reply) {
  std::string out;
  out.reserve(500);
  out += "Status: " + std::to_string(reply.status) + " " +
         reason_phrase(reply.status) + "\r\n";
  if (!is_bare(reply)) {
    out += "Content-Type: " + reply.content_type + "\r\n";
    out += "Content-Length: " + std::to_string(bytes_of(reply).size()) + "\r\n";
  }
  if (!reply.etag.empty()) out += "ETag: \"" + reply.etag + "\"\r\n";
  // Clients must revalidate each time, which the ETag makes cheap. Never a
  // shared cache: the reply may depend on the user.
  out += "Cache-Control: private, no-cache\r\n";
  out += "X-Content-Type-Options: nosniff\r\n";
  for (const auto& [name, value] : reply.headers) {
    out += name + ": " + printable(value, 2000) + "\r\n";
  }
  out += "\r\n";
  return out;
}

std::string_view cgi_body(const Reply& reply, bool is_head) {
  if (is_bare(reply) || is_head) return {};
  return bytes_of(reply);
}

}  // namespace berth::web
