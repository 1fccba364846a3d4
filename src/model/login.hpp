// SPDX-License-Identifier: GPL-2.0-or-later
// Maps a login of Apache (REMOTE_USER) to a user of Berth. The same rule serves
// the web side, for each change, and berthctl check, which reports two logins
// that would be the same user:
//
//   ALICE@EXAMPLE.COM  alice, if login_realm is that realm (in any case);
//                      refused for another realm; unchanged without login_realm
//   EXAMPLE\alice      alice, if login_domain is that domain; else refused
//   Alice              alice, unless login_case is "keep"
//
// A realm is as trustworthy as its owner: if every realm's alice were the same
// user, the owner of any realm that the login server trusts could be any user.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth {

struct Login {
  std::string user;     // empty: not logged in, or refused
  std::string refused;  // why the name is refused; empty: it is not
};

Login login_of(const std::string& remote_user, const Config& config);

}  // namespace berth
