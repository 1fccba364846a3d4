// SPDX-License-Identifier: GPL-2.0-or-later
// A test server as the worker sees it: berth-guest over ssh (the protocol is
// told at the top of sbin/berth-guest). One connection per job, opened by the
// worker as ControlMaster and used by its child steps through the same socket.
//
// Each verb has a deadline and can be cancelled: stdin is closed, which makes
// the guest end what it started, and its last line is awaited for a bounded
// time before ssh is killed.
#pragma once

#include <functional>
#include <string>

#include "base/child.hpp"
#include "base/config.hpp"
#include "base/json.hpp"
#include "worker/deadline.hpp"
#include "worker/report.hpp"

namespace berth::worker {

// The guest said no: refused (10), failed and nothing changed (20), unsettled
// (21). Its own words are the cause.
class GuestError : public Error {
 public:
  GuestError(std::string action, std::string subject, std::string cause,
             int exit_code)
      : Error(std::move(action), std::move(subject), std::move(cause)),
        exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

class Guest {
 public:
  Guest(const Config& config, std::string server, std::int64_t job,
        Link& link);
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest();

  // Opens the connection; Away when it cannot be. A child step does not call
  // it: the worker's socket is there already.
  void connect(Deadline deadline);
  // The same, unless this process has one that still lives.
  void require_connection(Deadline deadline);

  // Gives the last line of the reply. GuestError as above; Away when the
  // connection broke or the reply has no end: what happened is unknown then.
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
  std::optional<Child> master_;
  Fd master_errors_;
};

}  // namespace berth::worker
