// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest gets when it is enrolled: one tar with berth-enroll, berth-guest
// and its parts, a guest.conf and the public half of berth's key. The same tar
// goes over an administrator's ssh (berthctl enroll) and into the user-data of
// a server that Berth makes (worker/machine/seed), and the same command unpacks
// it, so that there is one way for a guest to become ours.
//
// guest.conf has one truth for each of its keys. What a build says as well -
// root, kind, repository, shared - is taken from [application.*] of berth.conf
// and refused anywhere else. What only the guest may know - who the deploy
// user is and what runs there - is CONFIG/guest/APP.json, the administrator's,
// with guest.conf's own words: user, group, together, files, prepare,
// configtest, reload, error_log, deadline. It is refused in berth.conf, because
// that file is what the console reads, and the console must not be able to name
// a command for root. Whether the values are right is for berth-guest on the
// guest to say, before it takes the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"

namespace berth {

// The berth-guest that this console requires, VERSION in sbin/guest/berth-guest
// (a test compares them): it tells an older one from a broken one.
inline constexpr int kGuestVersion = 2;

// Run as root, with the tar as its standard input. No quotation marks and no $:
// it is put between both kinds. By bash, because Debian mounts /run noexec.
inline constexpr const char* kEnrolCommand =
    "umask 077 && exec 9>/run/berth-enroll.lock && flock -w 60 9 && "
    "rm -rf /run/berth-enroll && mkdir /run/berth-enroll && "
    "tar -C /run/berth-enroll -xf - && "
    "exec bash -p /run/berth-enroll/berth-enroll";

struct GuestConf {
  std::string text;
  std::vector<std::string> applications;
  // Those that may be built on the server and have no file: one sentence each.
  std::vector<std::string> left_out;
};
// For the applications that `servers` allows there. Throws Error when a file
// cannot be used, when two of them cannot be on one guest (store/accounts.hpp),
// and when no application is left.
GuestConf guest_conf_for(const Config& config, const std::string& server);

// "TYPE BASE64" from HOME/.ssh/id_*.pub; throws Error, which tells how the key
// is made, when there is none.
std::string public_key_of(const std::string& home);

// For `berthctl check`: files in CONFIG/guest/ that enrolling would refuse, and
// what store/accounts.hpp refuses among the applications, of two only when
// `servers` of both can match one server.
std::vector<std::string> guest_file_problems(const Config& config);

// The account of guest/APP.json that owns an application's files and runs its
// processes; `group` is the user's name where the file names none. nullopt when
// there is no file, or one that cannot be used.
struct GuestAccount {
  std::string user;
  std::string group;
};
std::optional<GuestAccount> guest_account_of(const Config& config,
                                             const std::string& application);

// `folder`: guest_folder(). `from`: patterns for from= with commas between
// them, or "any", which berth-enroll takes for everywhere; empty: the address
// of the session that runs berth-enroll, if any.
std::string enrolment_tar(const std::string& folder, const GuestConf& conf,
                          const std::string& public_key,
                          const std::string& from);

}  // namespace berth
