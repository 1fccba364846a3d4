// SPDX-License-Identifier: GPL-2.0-or-later
// GET /health: 200 if the web side answers; `runner` shows whether berthd runs.
#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {

Reply health(const Request& request, Console& console) {
  const Runner runner = console.runner();
  json::object body = runner.health;
  body["runner"] = runner.up ? "up" : "away";
  if (!runner.up) body["detail"] = runner.detail;
  for (const char* name : {"as_of", "detail", "draining"}) {
    if (!body.contains(name)) body[name] = nullptr;
  }
  body["version"] = version();
  return made(request, body);
}

}  // namespace berth::web
