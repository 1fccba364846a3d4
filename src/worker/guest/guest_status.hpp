// SPDX-License-Identifier: GPL-2.0-or-later
// The first thing a job asks a guest: the verb status. It tells what kind of
// trouble there is, and what to do:
//
//   an older berth-guest, a guest.conf without the application   Error: enrol
//   no berth-guest, or one that answers no protocol              Error: enrol
//   one of a later protocol                                      Error: this
//                                        console is to be brought up to date
//   a newer one that speaks ours         goes on, with a line in the log
//   busy, failed                         GuestError, in its own words
//   the connection broke                 Away
#pragma once

#include "worker/guest/guest.hpp"

namespace berth::worker {

// For its answer, where no application's own deadline is at hand.
constexpr std::int64_t kStatusSeconds = 120;

// `arguments`: {"application": NAME}. The guest must be connected.
json::object guest_status(Guest& guest, const std::string& server,
                          const json::object& arguments, Report& report,
                          Deadline deadline);

// Pure: a member of its reply that names a slot: "a", "b", or "" for none or
// for something else. What a guest says ends in files of the console's, and
// root on a guest may say anything.
std::string slot_at(const json::object& object, const char* name);

// Pure: whose switch is not settled there: "job 7", or "a job that it does not
// name"; empty: nobody's.
std::string unsettled_switch(const json::object& status);

// Pure: what a reply's version means; empty: it is ours or will do. Where it
// will do and is newer, `note` says so.
std::string refuse_version(const json::object& reply,
                           const std::string& server, std::string& note);

// `berth-worker reach SERVER`: connects as a job would, asks for the status of
// each application that it is enrolled for, and prints a line of each. Exit 0
// when all is well. For berthctl enroll.
int reach_chore(const Config& config, const std::string& server);

}  // namespace berth::worker
