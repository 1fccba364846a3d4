// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/guest/guest.hpp"

#include <sys/stat.h>

#include <optional>

#include "base/fd.hpp"
#include "base/text.hpp"
#include "store/known_hosts.hpp"
#include "worker/guest/guest_address.hpp"
#include "worker/guest/guest_call.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/reason.hpp"

namespace berth::worker {
namespace {

constexpr int kSshFailed = 255;
constexpr int kConnectTries = 3;

// Changes whenever the file is replaced.
std::string identity_of(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return "";
  return std::to_string(found.st_ino) + "/" +
         std::to_string(found.st_mtim.tv_sec) + "." +
         std::to_string(found.st_mtim.tv_nsec);
}

std::string error_in(const json::object& reply, const Mask& mask) {
  const json::string* error = if_string(reply, "error");
  return error ? mask(*error) : "the guest reported no reason";
}

// The last lines that a program on the guest printed before it failed.
std::vector<std::string> lines_in(const json::object& reply,
                                  const Mask& mask) {
  std::vector<std::string> out;
  const json::array* lines = if_array(reply, "lines");
  if (!lines) return out;
  for (const auto& line : *lines) {
    if (line.is_string()) out.push_back(mask(line.as_string()));
  }
  return out;
}

// For a checkout and a check, the line of svn, git or ssh that names the reason
// becomes part of the error. The programs of other verbs do not mark such a
// line.
std::string error_with_reason(const std::string& verb,
                              const json::object& reply,
                              const std::vector<std::string>& lines,
                              const Mask& mask) {
  const std::string error = error_in(reply, mask);
  if (verb != "checkout" && verb != "check") return error;
  const std::string reason = reason_among(join(lines, "\n"));
  return reason.empty() ? error : error + ": " + reason;
}

}  // namespace

namespace {

// nullopt if it is not a refusal.
std::optional<std::string> refusal_in(const std::string& errors,
                                      const std::string& server) {
  const auto says = [&](const char* words) {
    return errors.find(words) != std::string::npos;
  };
  if (says("REMOTE HOST IDENTIFICATION HAS CHANGED")) {
    return "its host key differs from the recorded one. If the server was "
           "created anew, run `berthctl enroll " + server +
           "`; otherwise another machine answers at its address";
  }
  if (says("host key is known for")) {
    return "its host key is unknown; run `berthctl enroll " + server + "`";
  }
  if (says("Permission denied (")) {
    return "it does not accept berth's key; run `berthctl enroll " + server +
           "`";
  }
  if (says("Host key verification failed")) return reason_in(errors);
  return std::nullopt;
}

}  // namespace

std::string ssh_complaint(const std::string& errors,
                          const std::string& server) {
  return refusal_in(errors, server).value_or(reason_in(errors));
}

Guest::Guest(const Config& config, std::string server, std::int64_t job,
             Link& link)
    : config_(config),
      server_(std::move(server)),
      job_(job),
      link_(link),
      socket_(config.paths.run + "/" + std::to_string(job) + ".ssh"),
      master_(socket_) {}

std::vector<std::string> Guest::ssh(
    const std::vector<std::string>& more) const {
  std::vector<std::string> out = {
      "ssh", "-F", config_.folder + "/ssh_config", "-T",
      "-o", "BatchMode=yes",
      "-o", "StrictHostKeyChecking=yes",
      "-o", "HostKeyAlias=" + server_,
      "-o", "UserKnownHostsFile=" + known_hosts_for(config_, server_),
      "-o", "GlobalKnownHostsFile=/dev/null",
      "-o", "ConnectTimeout=20",
      "-o", "ServerAliveInterval=5",
      "-o", "ServerAliveCountMax=3",
      "-o", "ControlPath=" + socket_};
  if (!address_.empty()) {
    out.insert(out.end(), {"-o", "HostName=" + address_});
  }
  out.insert(out.end(), more.begin(), more.end());
  out.push_back("--");
  out.push_back(server_);
  return out;
}

void Guest::connect(Deadline deadline) {
  address_ = guest_address(config_, server_, link_);
  std::optional<SshMaster::Refusal> refusal;
  // A confined ssh may read only the file that existed when it was confined. If
  // enrolling another guest has replaced known_hosts since, the connection is
  // attempted again.
  for (int i = 0; i < kConnectTries; ++i) {
    const std::string known = known_hosts_for(config_, server_);
    const std::string before = identity_of(known);
    refusal = master_.connect(
        ssh({"-M", "-N", "-o", "ControlPersist=no", "-o", "LogLevel=ERROR"}),
        confined_ssh(config_, config_.paths.run), link_, deadline);
    if (!refusal) return;
    if (known == known_hosts_for(config_, server_) &&
        before == identity_of(known)) {
      break;
    }
  }
  if (const auto why = refusal_in(refusal->errors, server_)) {
    throw GuestRefuses("reach", server_ + " over ssh",
                       *why + " (" + refusal->status + ")");
  }
  throw Away("reach", server_ + " over ssh",
             refusal->status.empty()
                 ? "the connection timed out"
                 : ssh_complaint(refusal->errors, server_) + " (" +
                       refusal->status + ")");
}

void Guest::require_connection(Deadline deadline) {
  if (!master_.connected()) connect(deadline);
}

json::object Guest::call(const std::string& verb,
                         const json::object& arguments, Report& report,
                         Deadline deadline, const std::string& payload) {
  std::vector<std::string> command = ssh({"-o", "ControlMaster=no"});
  command.insert(command.end(),
                 {"berth-guest", "1", verb, std::to_string(job_)});
  GuestCall call(command, confined_ssh(config_, ""),
                 json::serialize(arguments) + "\n" + payload, link_, report);
  ExitStatus status;
  try {
    status = call.finish(deadline);
  } catch (const SlowGuest&) {
    throw LateGuest(verb + " on", server_, "the deadline of this step passed");
  }
  const auto& last = call.last();
  if (!last || status.code == kSshFailed) {
    const std::string why = "the reply ended early, " + status.text() +
                            (call.errors().empty() ? "" : ": ") +
                            reason_in(call.errors());
    if (status.code == kSshFailed) throw Away(verb + " on", server_, why);
    throw BrokenGuest(verb + " on", server_, why);
  }
  if (status.code == 0 && last->at("ok") == json::value(true)) return *last;
  if (status.code == 10 || status.code == 20 || status.code == 21) {
    const auto lines = lines_in(*last, link_.mask());
    for (const std::string& line : lines) report.log(line);
    throw GuestError(verb + " on", server_,
                     error_with_reason(verb, *last, lines, link_.mask()),
                     status.code, *last);
  }
  throw BrokenGuest(verb + " on", server_,
                    "unexpected exit of berth-guest, " + status.text());
}

}  // namespace berth::worker
