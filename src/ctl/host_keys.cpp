// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/host_keys.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/child.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/lock.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "store/known_hosts.hpp"
#include "store/layout.hpp"

namespace berth::ctl {
namespace {

constexpr const char* kFile = "known_hosts";
constexpr std::size_t kLargest = 4 << 20;

// Two administrators who enroll at the same time must not overwrite each other.
Lock only_one(const Layout& layout) {
  const Dir locks(layout.lock);
  const std::int64_t end = monotonic_ms() + 10'000;
  for (;;) {
    if (auto lock = Lock::try_take(locks, kFile)) return std::move(*lock);
    if (monotonic_ms() >= end) {
      throw Error("lock", kFile, "held by " + Lock::owner(locks, kFile));
    }
    ::usleep(50'000);
  }
}

RunResult keygen(const std::vector<std::string>& command,
                 const std::string& key) {
  Fd file(::memfd_create("key", MFD_CLOEXEC));
  if (!file) throw_errno("make", "a file in memory");
  write_all(file.get(), key + "\n", "a key");
  ::lseek(file.get(), 0, SEEK_SET);
  ChildOptions options;
  options.stdin_fd = file.get();
  return run(command, 10'000, 16384, options);
}

// False for an administrator's own name of a machine, such as qa1.example.com.
bool is_a_server(const Config& config, const std::string& name) {
  if (!is_server_name(name)) return false;
  for (const auto& [host, of] : config.hosts) {
    if (of.lists(name)) return true;
    for (const auto& [domain, alias] : of.aliases) {
      if (alias == name) return true;
    }
  }
  return false;
}

// The other server for which one of the keys is recorded, in either place;
// empty: none.
std::string owner_of_one(const Config& config, const std::string& server,
                         const std::vector<std::string>& keys) {
  const auto look = [&](const Dir& folder, const std::string& file) {
    for (const auto& name : others_with_key(
             folder.read(file, kLargest).value_or(""), server, keys)) {
      if (is_a_server(config, name)) return name;
    }
    return std::string();
  };
  std::string found = look(Dir(config.folder), kFile);
  const Layout layout(config.paths);
  if (!found.empty() || ::access(layout.known_hosts.c_str(), F_OK) != 0) {
    return found;
  }
  const Dir own(layout.known_hosts);
  for (const auto& name : own.names()) {
    if (found.empty() && name != server && !name.starts_with('.')) {
      found = look(own, name);
    }
  }
  return found;
}

}  // namespace

std::string shown_key(const std::string& key) {
  const auto result = keygen({"ssh-keygen", "-l", "-f", "/dev/stdin"}, key);
  // "256 SHA256:... no comment (ED25519)"
  const auto words = split(result.out.substr(0, result.out.find('\n')), ' ');
  if (!result.status.ok() || words.size() < 3) return printable(key);
  return printable(words[1] + " " + words.back());
}

bool is_as_ssh_writes(const std::string& key) {
  // A blob begins with its type, in base64.
  static const std::pair<const char*, const char*> types[] = {
      {"ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5"},
      {"ssh-rsa", "AAAAB3NzaC1yc2"},
      {"ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNT"},
      {"ecdsa-sha2-nistp384", "AAAAE2VjZHNhLXNoYTItbmlzdHAzOD"},
      {"ecdsa-sha2-nistp521", "AAAAE2VjZHNhLXNoYTItbmlzdHA1Mj"}};
  const auto words = split(key, ' ');
  const bool known =
      words.size() == 2 &&
      std::any_of(std::begin(types), std::end(types), [&](const auto& type) {
        return words[0] == type.first && words[1].starts_with(type.second);
      });
  if (!known) return false;
  const auto result =
      keygen({"ssh-keygen", "-e", "-m", "RFC4716", "-f", "/dev/stdin"}, key);
  // The base64 is between the lines BEGIN and END; lines with a colon are
  // headers.
  std::string again;
  for (const auto& line : split(result.out, '\n')) {
    if (!line.starts_with("----") && line.find(':') == std::string::npos) {
      again += line;
    }
  }
  return result.status.ok() && again == words[1];
}

std::vector<std::string> recorded_keys(const Config& config,
                                       const std::string& server) {
  const std::string path = known_hosts_for(config, server);
  const std::size_t slash = path.rfind('/');
  const auto text =
      Dir(path.substr(0, slash)).read(path.substr(slash + 1), kLargest);
  return host_keys_in(text.value_or(""), server);
}

void refuse_keys_of_others(const Config& config, const std::string& server,
                           const std::vector<std::string>& keys) {
  const std::string other = owner_of_one(config, server, keys);
  if (other.empty()) return;
  throw Error("enroll", server,
              "its host key is already recorded for " + other +
                  "; give it a key of its own (remove "
                  "/etc/ssh/ssh_host_*, then ssh-keygen -A) or, if " + other +
                  " no longer exists, remove its lines from " + config.folder +
                  "/known_hosts");
}

void record_keys(const Config& config, const std::string& server,
                 const std::vector<std::string>& keys) {
  const Layout layout(config.paths);
  const Lock lock = only_one(layout);
  // Checked again: of two administrators who enroll at the same time, both may
  // have checked before either recorded.
  refuse_keys_of_others(config, server, keys);
  // systemd-tmpfiles makes the folder: without it no server was made by berth.
  std::optional<Dir> own;
  if (::access(layout.known_hosts.c_str(), F_OK) == 0) {
    own.emplace(layout.known_hosts);
  }
  const Dir roots(config.folder);
  const std::string text = with_host_keys(
      roots.read(kFile, kLargest).value_or(""), server, keys);
  // berth's own file takes precedence while it exists, so it is changed first.
  if (own && own->exists(server)) {
    write_durably(*own, server, with_host_keys("", server, keys), 0644);
  }
  write_durably(roots, kFile, text, 0644);
  if (own && own->unlink(server)) own->sync();
}

}  // namespace berth::ctl
