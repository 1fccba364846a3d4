// SPDX-License-Identifier: GPL-2.0-or-later
// A test server as the worker sees it: berth-guest over ssh, whose protocol is
// described in docs/guest-protocol.md. One connection per job, opened by the
// worker as ControlMaster and used by its child steps through the same socket.
// Its host key must be the one that is recorded under its name
// (store/known_hosts.hpp), whatever address it has now.
//
// Each verb has a deadline and can be cancelled: stdin is closed, which makes
// the guest end what it started, and its last line is awaited for a bounded
// time before ssh is killed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/config.hpp"
#include "base/json.hpp"
#include "step/deadline.hpp"
#include "step/report.hpp"
#include "worker/job/ssh_master.hpp"

namespace berth::worker {

// For connect(). ssh itself gives up a guest that is silent, after 20 s; this
// is for one that answers and is slow, because its host is busy or it is
// emulated.
constexpr std::int64_t kConnectSeconds = 60;

// The guest said no: refused (10), failed and nothing changed (20), unsettled
// (21). Its own words are the cause.
class GuestError : public Error {
 public:
  GuestError(std::string action, std::string subject, std::string cause,
             int exit_code, json::object reply)
      : Error(std::move(action), std::move(subject), std::move(cause)),
        exit_code_(exit_code),
        reply_(std::move(reply)) {}
  int exit_code() const { return exit_code_; }
  const json::object& reply() const { return reply_; }

 private:
  int exit_code_;
  json::object reply_;
};

// The guest did not end a verb in time; it was cancelled.
class LateGuest : public Error {
 public:
  using Error::Error;
};

// ssh brought us there, and what ran there did not end as berth-guest does: it
// is missing, broken or was killed.
class BrokenGuest : public Away {
 public:
  using Away::Away;
};

// It answered and refused, and will do so again: a host key that is another or
// not known, a key of berth's that is not taken.
class GuestRefuses : public Away {
 public:
  using Away::Away;
};

// ssh's own words as ours: a host key that is another, one that is not known,
// a key that is not taken. Those say what to do; the rest stays as it is.
std::string ssh_complaint(const std::string& errors, const std::string& server);

class Guest {
 public:
  Guest(const Config& config, std::string server, std::int64_t job,
        Link& link);

  // Opens the connection; Away when it cannot be, GuestRefuses when waiting
  // will not help. A child step does not call
  // it: the worker's socket is there already.
  void connect(Deadline deadline);
  // The same, unless this process has one that still lives.
  void require_connection(Deadline deadline);

  // Gives the last line of the reply. GuestError and LateGuest as above; Away
  // when the connection broke or the reply has no end: what happened is unknown
  // then.
  json::object call(const std::string& verb, const json::object& arguments,
                    Report& report, Deadline deadline,
                    const std::string& payload = "");

 private:
  std::vector<std::string> ssh(const std::vector<std::string>& more) const;
  const Config& config_;
  std::string server_;
  std::int64_t job_;
  Link& link_;
  std::string socket_;
  std::string address_;  // empty: ssh_config's, or the name
  SshMaster master_;
};

}  // namespace berth::worker
