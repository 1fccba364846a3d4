// SPDX-License-Identifier: GPL-2.0-or-later
// A test server as the worker sees it: berth-guest, run over ssh with the
// protocol of docs/guest-protocol.md. Each job has one connection, which the
// worker opens as ControlMaster and its child steps use through the same
// socket. The guest's host key must be the one recorded under its name
// (store/known_hosts.hpp), whatever its address is.
//
// Each verb has a deadline and can be cancelled: stdin is closed, upon which
// the guest ends what it started; its last line is awaited for a limited time
// before ssh is killed.
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

// The time for connect(). ssh itself gives up after 20 s if the guest is
// silent; this is for a guest that answers slowly, because its host is busy or
// emulates it.
constexpr std::int64_t kConnectSeconds = 60;

// The guest reported an error: refused (10), failed without a change (20), or
// unsettled (21). Its message is the cause.
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

// The guest did not finish a verb in time; the verb was cancelled.
class LateGuest : public Error {
 public:
  using Error::Error;
};

// ssh connected, but the remote program did not behave as berth-guest does: it
// is missing, broken or was killed.
class BrokenGuest : public Away {
 public:
  using Away::Away;
};

// The guest answered and refused the connection, and will do so again: its host
// key has changed or is unknown, or it does not accept berth's key.
class GuestRefuses : public Away {
 public:
  using Away::Away;
};

// ssh's message, replaced by what to do if the host key has changed or is
// unknown, or the guest does not accept berth's key.
std::string ssh_complaint(const std::string& errors, const std::string& server);

class Guest {
 public:
  Guest(const Config& config, std::string server, std::int64_t job,
        Link& link);

  // Opens the connection. Throws Away when that fails, GuestRefuses when
  // waiting will not help. A child step must not call it: it uses the worker's
  // socket.
  void connect(Deadline deadline);
  // The same, unless this process has a connection that still works.
  void require_connection(Deadline deadline);

  // Returns the last line of the reply. Throws GuestError and LateGuest as
  // above; Away when the connection broke or the reply is incomplete: what
  // happened on the guest is then unknown.
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
  std::string address_;  // empty: as in ssh_config, or the name
  SshMaster master_;
};

}  // namespace berth::worker
