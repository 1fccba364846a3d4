// SPDX-License-Identifier: GPL-2.0-or-later
// Where berthd's own programs are: berthctl looks the same way.
#pragma once

#include "base/programs.hpp"
