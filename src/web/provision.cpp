// SPDX-License-Identifier: GPL-2.0-or-later
// POST /servers {server, host, image}: a new server from an image of a host.
// For admins; whether the name is free and the host has room, berthd and the
// host know.
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
                            "letters, digits and '-', 31 at most");
  }
  const json::value arguments(body);
  const ProvisionArguments wanted =
      asked([&] { return provision_arguments_from_json(arguments); });
  if (!console.config().is_admin(request.user)) {
    throw Problem(403, "making a server is for admins ([console] admins in "
                       "berth.conf); ask one");
  }
  const auto& hosts = console.config().hosts;
  const auto host = hosts.find(wanted.host);
  if (host == hosts.end()) {
    throw Problem(404, "there is no host '" + wanted.host + "'");
  }
  if (!host->second.images.contains(wanted.image)) {
    json::array images;
    for (const auto& [name, unused] : host->second.images) {
      images.emplace_back(name);
    }
    throw Problem(404, "host " + wanted.host + " has no image '" +
                           wanted.image + "'",
                  {{"images", std::move(images)}});
  }
  return submit(request, console,
                {"provision", server, to_json(wanted).as_object()},
                [](const Runner&) {});
}

}  // namespace berth::web
