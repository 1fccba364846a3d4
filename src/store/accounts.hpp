// SPDX-License-Identifier: GPL-2.0-or-later
// Decides which accounts and roots the applications on one guest may have. An
// application's rendered files contain its secrets and are readable by its
// group; a process of its user can read its memory and change its code.
// Therefore
//
//   - no application may have an account of other programs: root, berth (which
//     may become root there), berth-filter (which reads what programs print),
//     nobody, nogroup
//   - two applications must not share a user or a group and, if there are two,
//     none may have www-data, which all sites of an Apache share, unless each
//     names the other in `together`: then their secrets are common
//   - no root may be, or be in, that of another application
//
// The only application of a guest may have www-data. berth-guest --check
// applies the same rule, with the same messages, on the guest
// (sbin/guest/berth-guest.d/config.bash; a test compares them). There it also
// knows which names are one account, the primary group of each user and the
// members of each group: it checks those as well, and again before files are
// staged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"
#include "base/json.hpp"

namespace berth {

struct Accounts {
  std::string application;
  std::string root;
  std::string user, group;  // group: by default the user's name
  std::vector<std::string> together;
};

// `part`: guest/APP.json; a member that is missing or of another type is empty.
Accounts accounts_of(const ApplicationConfig& application,
                     const json::object& part);

// Why these applications cannot be on one guest (the first reason); nullopt if
// they can.
std::optional<std::string> clash_among(const std::vector<Accounts>& all);

}  // namespace berth
