// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/host_keys.hpp"

#include <sys/mman.h>
#include <unistd.h>

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

// Two who enrol at once must not write over each other.
Lock only_one(const Layout& layout) {
  const Dir locks(layout.lock);
  const std::int64_t end = monotonic_ms() + 10'000;
  for (;;) {
    if (auto lock = Lock::try_take(locks, kFile)) return std::move(*lock);
    if (monotonic_ms() >= end) {
      throw Error("lock", kFile,
                  "held by process " + Lock::owner(locks, kFile));
    }
    ::usleep(50'000);
  }
}

// An administrator's own name for a machine, qa1.example.com, is none.
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

}  // namespace

std::string shown_key(const std::string& key) {
  Fd file(::memfd_create("key", MFD_CLOEXEC));
  if (!file) return key;
  write_all(file.get(), key + "\n", "a key");
  ::lseek(file.get(), 0, SEEK_SET);
  ChildOptions options;
  options.stdin_fd = file.get();
  const auto result =
      run({"ssh-keygen", "-l", "-f", "/dev/stdin"}, 10'000, 4096, options);
  // "256 SHA256:... no comment (ED25519)"
  const auto words = split(result.out.substr(0, result.out.find('\n')), ' ');
  if (!result.status.ok() || words.size() < 3) return printable(key);
  return printable(words[1] + " " + words.back());
}

std::vector<std::string> recorded_keys(const Config& config,
                                       const std::string& server) {
  const std::string path = known_hosts_for(config, server);
  const std::size_t slash = path.rfind('/');
  const auto text =
      Dir(path.substr(0, slash)).read(path.substr(slash + 1), kLargest);
  return host_keys_in(text.value_or(""), server);
}

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

void record_keys(const Config& config, const std::string& server,
                 const std::vector<std::string>& keys) {
  const Layout layout(config.paths);
  const Lock lock = only_one(layout);
  // Made by systemd-tmpfiles: without it no server was made by berth either.
  std::optional<Dir> own;
  if (::access(layout.known_hosts.c_str(), F_OK) == 0) {
    own.emplace(layout.known_hosts);
  }
  const Dir roots(config.folder);
  const std::string text = with_host_keys(
      roots.read(kFile, kLargest).value_or(""), server, keys);
  // berth's file counts as long as it is there: it says the same first.
  if (own && own->exists(server)) {
    write_durably(*own, server, with_host_keys("", server, keys), 0644);
  }
  write_durably(roots, kFile, text, 0644);
  if (own && own->unlink(server)) own->sync();
}

}  // namespace berth::ctl
