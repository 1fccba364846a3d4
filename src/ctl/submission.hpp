// SPDX-License-Identifier: GPL-2.0-or-later
// Submits a drop into root's own folder and waits for berthd's receipt. The
// drop is durable once it is written: a wait that ends without a receipt has
// not undone it, and says so.
#pragma once

#include <optional>
#include <string>

#include "base/config.hpp"
#include "base/json.hpp"
#include "store/drop.hpp"
#include "store/receipt.hpp"

namespace berth::ctl {

// Seconds to wait for a receipt unless --timeout says otherwise.
inline constexpr std::int64_t kReceiptPatience = 10;

// A drop of root's with a token of its own, made now.
Drop root_drop(std::string action, std::string target, json::object arguments);

// What `submit FILE` takes: {"action", "target", "arguments"}, and if wanted
// "version" (1), "user" and "at". `end` and `token` are berthctl's to give;
// anything else is refused by name. Throws JsonError.
Drop drop_from_request(const std::string& text);

// Writes it into drop-root/ and waits at most `seconds`; nullopt: no receipt
// yet. Throws Error when it could not be written.
std::optional<Receipt> submit_drop(const Config& config, const Drop& drop,
                                   std::int64_t seconds);

// Prints the decision on stdout - its detail, or the whole receipt as one line
// of JSON - or on stderr where the drop lies when there is none; the exit code.
enum class Told { detail, receipt };
int tell(const Config& config, const Drop& drop,
         const std::optional<Receipt>& receipt, Told what);

}  // namespace berth::ctl
