// SPDX-License-Identifier: GPL-2.0-or-later
// Which of Berth's users a login of Apache's is (REMOTE_USER). One rule for the
// web side, which asks it for each change, and berthctl check, which tells two
// logins that would be one user:
//
//   ALICE@EXAMPLE.COM  alice, when login_realm is that realm (in any case);
//                      refused when it is another; as it is without login_realm
//   EXAMPLE\alice      alice, when login_domain is that domain; else refused
//   Alice              alice, unless login_case is "keep"
//
// A realm is whoever runs it: to take every realm's alice for the same person
// would let the owner of any realm that the login server trusts be any user.
#pragma once

#include <string>

#include "base/config.hpp"

namespace berth {

struct Login {
  std::string user;     // empty: nobody is logged in, or it is refused
  std::string refused;  // why no user can have that name; empty: it is not
};

Login login_of(const std::string& remote_user, const Config& config);

}  // namespace berth
