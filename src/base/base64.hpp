// SPDX-License-Identifier: GPL-2.0-or-later
// Base64 (RFC 4648, section 4), with its padding, on one line. (Boost.Beast has
// it in a namespace that is not for others.)
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth {

std::string to_base64(std::string_view bytes);
// nullopt for a text that is not base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace berth
