// SPDX-License-Identifier: GPL-2.0-or-later
// Submits a drop into root's own folder and waits for berthd's receipt. The
// drop is durable once it is written: without a receipt in time it remains
// submitted, and the message says so.
#pragma once

#include <optional>
#include <string>

#include "base/config.hpp"
#include "base/json.hpp"
#include "store/drop.hpp"
#include "store/receipt.hpp"

namespace berth::ctl {

// Seconds to wait for a receipt without --timeout.
inline constexpr std::int64_t kReceiptPatience = 10;

// A drop of root's with a new token and the current time.
Drop root_drop(std::string action, std::string target, json::object arguments);

// Parses the file of `submit FILE`: {"action", "target", "arguments"},
// optionally "version" (1), "user" and "at". berthctl itself adds `end` and
// `token`; any other member is refused by name. Throws JsonError.
Drop drop_from_request(const std::string& text);

// Writes the drop into drop-root/ and waits at most `seconds`; nullopt: no
// receipt yet. Throws Error if it could not be written.
std::optional<Receipt> submit_drop(const Config& config, const Drop& drop,
                                   std::int64_t seconds);

// Prints the decision on stdout - its detail, or the whole receipt as one line
// of JSON - or, without one, the path of the drop on stderr. Returns the exit
// code.
enum class Printed { detail, receipt };
int print_receipt(const Config& config, const Drop& drop,
                  const std::optional<Receipt>& receipt, Printed what);

}  // namespace berth::ctl
