// SPDX-License-Identifier: GPL-2.0-or-later
// POST /applications/A/refresh {again}: a new base from the application's dump.
#include "model/job.hpp"
#include "web/body.hpp"
#include "web/handlers.hpp"
#include "web/submission.hpp"

namespace berth::web {

Reply refresh(const Request& request, Console& console) {
  const json::object body =
      read_optional_body(request, {{"again", FieldType::boolean}});
  const RefreshArguments refresh =
      asked([&body] { return arguments_from<RefreshArguments>(body); });
  return submit(request, console,
                {"refresh", request.names[0], to_json(refresh)});
}

}  // namespace berth::web
