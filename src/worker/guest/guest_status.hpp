// SPDX-License-Identifier: GPL-2.0-or-later
// Calls the verb status, the first call of every job to a guest, and turns its
// reply into what is wrong and what to do:
//
//   an older berth-guest, a guest.conf without the application   Error: enrol
//   no berth-guest, or one that does not use the protocol        Error: enrol
//   a berth-guest with a later protocol                          Error: upgrade
//                                                                the console
//   a newer one with the same protocol   continues, and logs a line
//   busy, failed                         GuestError, with its own message
//   the connection broke                 Away
#pragma once

#include "worker/guest/guest.hpp"

namespace berth::worker {

// The time for its reply where no deadline of an application applies.
constexpr std::int64_t kStatusSeconds = 120;

// `arguments`: {"application": NAME}. The guest must be connected.
json::object guest_status(Guest& guest, const std::string& server,
                          const json::object& arguments, Report& report,
                          Deadline deadline);

// Pure: the slot that a member of the reply names: "a" or "b"; "" if it names
// none or contains anything else. What a guest reports is stored in the
// console's files, and root on the guest can report anything.
std::string slot_at(const json::object& object, const char* name);

// Pure: the job whose switch is unsettled on the guest: "job 7", or "a job
// without a number"; empty: none.
std::string unsettled_switch(const json::object& status);

// Pure: why the version in a reply is not supported; empty if it is. If it is
// supported but newer, `note` says so.
std::string refuse_version(const json::object& reply,
                           const std::string& server, std::string& note);

// `berth-worker reach SERVER`: connects as a job would, requests the status for
// each application that the server is enrolled for, and prints a line for each.
// Exits 0 if all succeed. Used by berthctl enroll.
int reach_chore(const Config& config, const std::string& server);

}  // namespace berth::worker
