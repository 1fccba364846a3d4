// SPDX-License-Identifier: GPL-2.0-or-later
// Which accounts and roots the applications of one guest may have. Rendered
// files hold an application's secrets and can be read by its group; what runs
// as its user can read its memory and change its code. So
//
//   - no application has an account of other programs: root, berth (which may
//     become root there), berth-filter (which reads what programs print),
//     nobody, nogroup
//   - two applications share no user and no group, and where there are two none
//     has www-data, which all sites of an Apache share, unless each names the
//     other in `together`: then they are one as far as secrets are concerned
//   - no root is, or is in, that of another application
//
// An application that has a guest to itself may have www-data. berth-guest
// --check applies the same rule with the same words on the guest
// (sbin/guest/berth-guest.d/config.bash; a test compares them), where it also
// knows which names are one account, the primary group of each user and who is
// a member of which group: it compares those, too, and again before files are
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
  std::string user, group;  // the group is the user's name if it is not given
  std::vector<std::string> together;
};

// `part`: guest/APP.json; what is missing or of another type there is empty.
Accounts accounts_of(const ApplicationConfig& application,
                     const json::object& part);

// Why these applications cannot be on one guest, the first reason; nullopt when
// they can.
std::optional<std::string> clash_among(const std::vector<Accounts>& all);

}  // namespace berth
