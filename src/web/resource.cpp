// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/resource.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace berth::web {
namespace {

Reply tagged(Reply reply) {
  reply.etag = fingerprint(reply.content_type + reply.body);
  reply.headers.emplace_back("Vary", "Accept");
  return reply;
}

Reply as_published(StateBody found) {
  Reply reply;
  reply.body = std::move(found.body);
  reply.etag = std::move(found.etag);
  reply.headers.emplace_back("Vary", "Accept");
  return reply;
}

}  // namespace

Reply published_list(const Request& request, Console& console,
                     const std::string& file, const char* member,
                     const Columns& columns) {
  if (wants_text(request)) {
    const json::value body = console.resource_json(file);
    return made_list(request, body.as_object(), member, columns);
  }
  const auto found = console.resource(file);
  Reply reply;
  // A pointer to the body that keeps all of `found` alive.
  reply.kept = {found, &found->body};
  reply.etag = found->etag;
  reply.headers.emplace_back("Vary", "Accept");
  return reply;
}

Reply published_thing(const Request& request, const Console& console,
                      const std::string& file, const std::string& unknown) {
  auto found = console.state().read(file);
  if (!found) throw Problem(404, unknown);
  if (!wants_text(request)) return as_published(*std::move(found));
  return made(request, json::parse(found->body).as_object());
}

Reply made(const Request& request, const json::object& body) {
  return tagged(wants_text(request) ? text_reply(sheet(body))
                                    : json_reply(200, body));
}

Reply made_list(const Request& request, const json::object& body,
                const char* member, const Columns& columns) {
  if (!wants_text(request)) return tagged(json_reply(200, body));
  return tagged(text_reply(table(body.at(member).as_array(), columns)));
}

std::int64_t query_number(const Request& request, const char* name,
                          std::int64_t otherwise, std::int64_t least,
                          std::int64_t most) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return otherwise;
  const auto number = whole_number(found->second);
  if (!number || *number < least || *number > most) {
    refuse_member(name, std::string("'") + name +
                            "' must be a whole number from " +
                            std::to_string(least) + " to " +
                            std::to_string(most));
  }
  return *number;
}

}  // namespace berth::web
