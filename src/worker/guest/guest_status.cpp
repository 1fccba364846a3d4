// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest/guest_status.hpp"

#include <unistd.h>

#include <cstdio>

#include "model/job.hpp"
#include "step/mask.hpp"
#include "step/stop.hpp"
#include "store/enrolment.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kProtocol = 1;  // PROTOCOL in sbin/guest/berth-guest

std::string enrol(const std::string& server) {
  return "run `berthctl enroll " + server + "`";
}

}  // namespace

std::string slot_at(const json::object& object, const char* name) {
  const std::string slot = string_or(object, name, "");
  return slot == "a" || slot == "b" ? slot : "";
}

std::string unsettled_switch(const json::object& status) {
  const json::object* pending = if_object(status, "pending");
  if (!pending) return "";
  const json::value* job = pending->if_contains("job");
  return job && job->is_int64() ? job_text(job->get_int64())
                                : "a job without a number";
}

std::string refuse_version(const json::object& reply,
                           const std::string& server, std::string& note) {
  const std::int64_t protocol = int64_or(reply, "protocol", kProtocol);
  if (protocol > kProtocol) {
    return "its berth-guest is newer than this console: it uses protocol " +
           std::to_string(protocol) + ", this console supports " +
           std::to_string(kProtocol) + "; upgrade the console";
  }
  // The first version did not report its number.
  const std::int64_t version = int64_or(reply, "version", 1);
  if (protocol < kProtocol || version < kGuestVersion) {
    return "its berth-guest is too old (version " + std::to_string(version) +
           ", this console requires " + std::to_string(kGuestVersion) +
           "); " + enrol(server);
  }
  if (version > kGuestVersion) {
    note = "berth-guest on " + server + " is version " +
           std::to_string(version) + ", newer than this console's " +
           std::to_string(kGuestVersion);
  }
  return "";
}

json::object guest_status(Guest& guest, const std::string& server,
                          const json::object& arguments, Report& report,
                          Deadline deadline) {
  json::object reply;
  try {
    reply = guest.call("status", arguments, report, deadline);
  } catch (const GuestError& e) {
    if (e.exit_code() != 10) throw;
    std::string unused, why = std::string(e.cause()) + "; " + enrol(server);
    // A refusal contains the protocol if that is the reason, but never the
    // version.
    if (e.reply().contains("protocol")) {
      why = refuse_version(e.reply(), server, unused);
    }
    throw UnfitServer("use", server, why);
  } catch (const BrokenGuest& e) {
    throw UnfitServer("use", server,
                      "berth-guest does not answer there (" + e.cause() +
                          "); check it, or " + enrol(server));
  }
  std::string note;
  const std::string why = refuse_version(reply, server, note);
  if (!why.empty()) throw UnfitServer("use", server, why);
  if (!note.empty()) report.log(note);
  return reply;
}

int reach_chore(const Config& config, const std::string& server) {
  Link link = Link::inherited();
  NoReport quiet;
  // The number is part of the socket's name; status ignores it. It is so high
  // that it is no job's.
  Guest guest(config, server, 900'000'000'000'000 + ::getpid(), link);
  try {
    guest.connect(Deadline::in_s(kConnectSeconds));
    for (const auto& name : guest_conf_for(config, server).applications) {
      guest_status(guest, server, {{"application", name}}, quiet,
                   Deadline::in_s(kStatusSeconds));
      std::printf("berth reaches it: %s\n", one_line(name).c_str());
    }
    return 0;
  } catch (const Error& e) {
    std::printf("%s\n", one_line(e.what()).c_str());
    return 1;
  }
}

}  // namespace berth::worker
