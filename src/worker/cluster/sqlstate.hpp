// SPDX-License-Identifier: GPL-2.0-or-later
// The SQLSTATE of a connection that failed: libpq reports it only in its text.
#pragma once

#include <string>

namespace berth::worker {

// Removes the SQLSTATE from libpq's text for a failed connection, printed with
// PQERRORS_VERBOSE, and returns it. Source locations are removed as well.
std::string take_sqlstate(std::string& text);

}  // namespace berth::worker
