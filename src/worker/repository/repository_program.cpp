// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/repository/repository_program.hpp"

#include <stdlib.h>
#include <unistd.h>

#include "base/error.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/reason.hpp"
#include "worker/job/ssh_master.hpp"

namespace berth::worker {
namespace {

constexpr std::int64_t kTunnelTime = 60 * 1000;  // ms; longer than ssh tries

// A temporary folder for the socket, removed with its object.
class SocketFolder {
 public:
  SocketFolder() {
    const char* folder = ::getenv("TMPDIR");
    path_ = std::string(folder && *folder ? folder : "/tmp") + "/berth.XXXXXX";
    if (!::mkdtemp(path_.data())) throw_errno("create", path_);
  }
  SocketFolder(const SocketFolder&) = delete;
  SocketFolder& operator=(const SocketFolder&) = delete;
  ~SocketFolder() { ::rmdir(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<std::string> master_command(const SshTarget& target,
                                        const std::string& socket) {
  std::vector<std::string> out = {
      "ssh", "-M", "-N", "-T", "-o", "ControlPath=" + socket,
      "-o", "ControlPersist=no", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR",
      "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15",
      "-o", "ServerAliveCountMax=4"};
  if (!target.port.empty()) out.insert(out.end(), {"-p", target.port});
  out.insert(out.end(), {"--", target.host});
  return out;
}

}  // namespace

struct RepositoryProgram::Tunnel {
  SocketFolder folder;
  std::string socket = folder.path() + "/ssh";
  SshMaster master{socket};
};

RepositoryProgram::RepositoryProgram(const ApplicationConfig& asked, Link& link,
                                     Deadline deadline)
    : application(asked),
      url(asked.repository),
      link_(link),
      deadline_(deadline) {
  if (!is_over_ssh(url)) return;
  tunnel_ = std::make_unique<Tunnel>();
  if (tunnel_->socket.find('\'') != std::string::npos) {
    throw Error("access", url, "the path in TMPDIR contains a '");
  }
  const auto refusal = tunnel_->master.connect(
      master_command(ssh_target(url), tunnel_->socket),
      confined_ssh(tunnel_->folder.path()), link_,
      Deadline::in_ms(std::min(deadline_.left_ms(), kTunnelTime)));
  if (!refusal) return;
  const std::string reason = reason_in(refusal->errors);
  throw Error("access", url,
              !reason.empty()            ? reason
              : refusal->status.empty() ? "the ssh connection timed out"
                                        : "ssh: " + refusal->status);
}

RepositoryProgram::~RepositoryProgram() = default;

RunResult RepositoryProgram::run(std::vector<std::string> argv,
                                 std::size_t cap) const {
  return run_confined(std::move(argv), cap, confined_repository(application));
}

RunResult RepositoryProgram::fetch(std::vector<std::string> argv,
                                   std::size_t cap, const std::string& scratch,
                                   std::int64_t largest) const {
  Confinement allowed = confined_repository(application, scratch);
  allowed.largest_file = largest;
  return run_confined(std::move(argv), cap, allowed);
}

RunResult RepositoryProgram::look(std::vector<std::string> argv,
                                  std::size_t cap,
                                  const std::string& scratch) const {
  return run_program(argv, confined_scratch(scratch), link_, deadline_, cap);
}

RunResult RepositoryProgram::run_confined(
    std::vector<std::string> argv, std::size_t cap,
    const Confinement& confinement) const {
  if (tunnel_) {
    // svn and git split this at spaces outside quotes. The ProxyCommand makes
    // ssh fail where it would open a connection of its own.
    const std::string ssh = "ssh -F none -T -S '" + tunnel_->socket +
                            "' -o ControlMaster=no -o BatchMode=yes"
                            " -o LogLevel=ERROR -o ProxyCommand=false";
    argv.insert(argv.begin(),
                {"env", "SVN_SSH=" + ssh, "GIT_SSH_COMMAND=" + ssh,
                 "GIT_SSH_VARIANT=ssh"});
  }
  return run_program(argv, confinement, link_, deadline_, cap);
}

SshTarget ssh_target(const std::string& repository) {
  const std::size_t scheme = repository.find("://");
  std::string rest = repository;
  if (scheme != std::string::npos) {
    rest = repository.substr(scheme + 3);
    rest = rest.substr(0, rest.find('/'));
  }
  SshTarget out;
  const std::size_t at = rest.rfind('@', rest.find('/'));
  const std::size_t begin = at == std::string::npos ? 0 : at + 1;
  const std::string user = rest.substr(0, begin);
  std::string host = rest.substr(begin);
  std::string after;  // from the colon on
  if (host.starts_with('[') && host.find(']') != std::string::npos) {
    const std::size_t end = host.find(']');
    after = host.substr(end + 1);
    host = host.substr(1, end - 1);
    // git accepts "[HOST:PORT]:PATH" as well; an IPv6 address has more colons.
    const std::size_t colon = host.find(':');
    if (scheme == std::string::npos && colon != std::string::npos &&
        host.find(':', colon + 1) == std::string::npos) {
      out.port = host.substr(colon + 1);
      host.resize(colon);
    }
  } else {
    const std::size_t colon = std::min(host.find(':'), host.size());
    after = host.substr(colon);
    host.resize(colon);
  }
  if (scheme != std::string::npos && after.starts_with(':')) {
    out.port = after.substr(1);
  }
  out.host = user + host;
  if (host.empty()) throw Error("access", repository, "the URL has no host");
  return out;
}

}  // namespace berth::worker
