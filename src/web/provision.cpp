// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers {server, host, image}: a new server from an image of a host.
// berthd and the host know who may create one, whether the name is free, and
// whether the host has the image and room for it.
#include "base/name.hpp"
#include "model/job.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {
namespace {

std::string taken_out(json::object& body, const char* name) {
  const json::value* found = body.if_contains(name);
  if (!found) refuse_member(name, std::string("'") + name + "' is missing");
  std::string value(found->as_string());
  body.erase(name);
  return value;
}

}  // namespace

Reply provision(const Request& request, Console& console) {
  json::object body = read_body(request, {{"server", FieldType::text},
                                          {"host", FieldType::text},
                                          {"image", FieldType::text}});
  const std::string server = taken_out(body, "server");
  if (!is_server_name(server)) {
    refuse_member("server", "'server' must be a lower-case letter, then "
                            "letters, digits and '-', at most 31 characters");
  }
  const json::value arguments(body);
  const ProvisionArguments wanted =
      asked([&] { return arguments_from<ProvisionArguments>(arguments); });
  return submit(request, console, {"provision", server, to_json(wanted)});
}

}  // namespace berth::web
