// SPDX-License-Identifier: GPL-2.0-or-later
// What the published state says about a request before a drop is written, so
// that most refusals cost nobody anything. berthd decides in any case, and it
// knows more: state follows a few times a second. So a fact about a server
// is believed only once it has stood for a second; a request right after a
// change goes to berthd.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "model/job.hpp"
#include "web/console.hpp"

namespace berth::web {

// Problem 404 when no server of that name is published.
json::object server_facts(const Console& console, const std::string& name);

// Names of free, running servers on hosts that answer, on which the
// application may be built (empty: any).
json::array free_servers(const Console& console,
                         const std::string& application = "");

// 409 with holder, until and what is free, when somebody else has it.
void refuse_held(const Console& console, const json::object& server,
                 const std::string& user, const std::string& application);

// 409 when the server is known not to be running, or its host not to answer.
void refuse_not_running(const Console& console, const json::object& server);

// 409 when its host does not answer: nothing of it can be changed there.
void refuse_away(const Console& console, const json::object& server);

// 409 when the generation asked for is not there.
void refuse_base(const Console& console, const BuildArguments& arguments);

// The job whose switch would be undone, as far as is known; nullopt when
// something may just have changed and berthd is there to know it.
std::optional<std::int64_t> undo_seen(const Console& console,
                                      const json::object& server);

// 409 when nothing on the server can be undone.
void refuse_no_undo(const Console& console, const json::object& server);

}  // namespace berth::web
