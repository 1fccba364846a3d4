// SPDX-License-Identifier: GPL-2.0-or-later
// GET /me: the user as whom the console knows the client, and what the page
// needs for the reservation dialog.
#include "web/handlers.hpp"
#include "web/resource.hpp"

namespace berth::web {

Reply me(const Request& request, Console& console) {
  const Config& config = console.config();
  const auto hours = [](std::int64_t seconds) -> json::value {
    if (seconds % 3600 == 0) return seconds / 3600;
    return static_cast<double>(seconds) / 3600;
  };
  return made(request, {{"user", request.user},
                        {"admin", config.is_admin(request.user)},
                        {"default_hold_hours", hours(config.default_hold)},
                        {"longest_hold_hours", hours(config.longest_hold)},
                        {"title", config.title}});
}

}  // namespace berth::web
