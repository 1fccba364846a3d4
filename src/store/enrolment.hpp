// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest receives when it is enrolled: one tar with berth-enroll,
// berth-guest and its parts, a guest.conf and the public half of berth's key.
// The same tar is sent over an administrator's ssh (berthctl enroll) and in the
// user-data of a server that Berth creates (worker/machine/seed), and the same
// command unpacks it, so that there is one way to enroll a guest.
//
// Each key of guest.conf has one source. Keys that a build uses as well - root,
// kind, repository, shared - are taken from [application.*] of berth.conf and
// refused anywhere else. Keys that concern only the guest - the deploy user and
// what runs there - are in CONFIG/guest/APP.json, which the administrator
// writes, with guest.conf's names: user, group, together, files, prepare,
// converge, configtest, reload, error_log, deadline. They are refused in
// berth.conf, because the console reads that file and must not be able to name
// a command for root. berth-guest checks the values on the guest before it
// takes the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.hpp"

namespace berth {

// The berth-guest that this console requires, VERSION in sbin/guest/berth-guest
// (a test compares them): it distinguishes an older one from a broken one.
inline constexpr int kGuestVersion = 2;

// Run as root with the tar as standard input. It must not contain quotation
// marks or $, because it is put between both kinds. Uses bash explicitly,
// because Debian mounts /run noexec.
inline constexpr const char* kEnrolCommand =
    "umask 077 && exec 9>/run/berth-enroll.lock && flock -w 60 9 && "
    "rm -rf /run/berth-enroll && mkdir /run/berth-enroll && "
    "tar -C /run/berth-enroll -xf - && "
    "exec bash -p /run/berth-enroll/berth-enroll";

struct GuestConf {
  std::string text;
  std::vector<std::string> applications;
  // Applications that may be built on the server but have no file: a sentence
  // each.
  std::vector<std::string> left_out;
};
// For the applications whose `servers` allow the server. Throws Error if a file
// is invalid, if two applications cannot be on one guest (store/accounts.hpp),
// or if no application remains.
GuestConf guest_conf_for(const Config& config, const std::string& server);

// "TYPE BASE64" from HOME/.ssh/id_*.pub; throws Error, which says how to make a
// key, if there is none.
std::string public_key_of(const std::string& home);

// For `berthctl check`: files in CONFIG/guest/ that enrolling would refuse, and
// conflicts between applications by store/accounts.hpp, if the `servers` of
// both can match one server.
std::vector<std::string> guest_file_problems(const Config& config);

// The account in guest/APP.json that owns an application's files and runs its
// processes; `group` defaults to the user's name. nullopt if there is no file,
// or an invalid one.
struct GuestAccount {
  std::string user;
  std::string group;
};
std::optional<GuestAccount> guest_account_of(const Config& config,
                                             const std::string& application);

// `folder`: guest_folder(). `from`: patterns for from=, separated by commas, or
// "any", which means every address to berth-enroll; empty: the address of the
// session that runs berth-enroll, if there is one.
std::string enrolment_tar(const std::string& folder, const GuestConf& conf,
                          const std::string& public_key,
                          const std::string& from);

}  // namespace berth
