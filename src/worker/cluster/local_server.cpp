// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/cluster/local_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "base/error.hpp"
#include "base/text.hpp"

namespace berth::worker {
namespace {

constexpr int kLooks = 3;  // a table that changes while it is read lacks lines

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un local;
};

using Name = int (*)(int, sockaddr*, socklen_t*);

// nullopt: it is no longer connected.
std::optional<Address> address_from(Name name, int socket) {
  Address out{};
  socklen_t size = sizeof out;
  if (name(socket, &out.any, &size) == 0) return out;
  if (errno == ENOTCONN) return std::nullopt;
  throw_errno("read the address of", "a connection to PostgreSQL");
}

bool is_loopback(const Address& a) {
  if (a.any.sa_family == AF_INET) {
    return ::ntohl(a.v4.sin_addr.s_addr) >> 24 == 127;
  }
  return IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
}

std::string shown(const Address& a) {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = a.any.sa_family == AF_INET;
  const void* bytes = v4 ? static_cast<const void*>(&a.v4.sin_addr)
                         : static_cast<const void*>(&a.v6.sin6_addr);
  ::inet_ntop(a.any.sa_family, bytes, text, sizeof text);
  return std::string(text) + " port " +
         std::to_string(::ntohs(v4 ? a.v4.sin_port : a.v6.sin6_port));
}

// In the format of /proc/net/tcp and tcp6: the address as words in the byte
// order of this machine. A server that listens on both protocols has its IPv4
// connections in tcp6.
std::string in_table(const Address& a, bool six) {
  std::uint32_t words[4] = {0, 0, ::htonl(0xffff), 0};
  const bool v4 = a.any.sa_family == AF_INET;
  if (v4) {
    words[3] = a.v4.sin_addr.s_addr;
  } else {
    std::memcpy(words, &a.v6.sin6_addr, sizeof words);
  }
  std::string out;
  char part[16];
  for (int i = six ? 0 : 3; i < 4; ++i) {
    std::snprintf(part, sizeof part, "%08X", words[i]);
    out += part;
  }
  std::snprintf(part, sizeof part, ":%04X",
                ::ntohs(v4 ? a.v4.sin_port : a.v6.sin6_port));
  return out + part;
}

// The accounts that hold the other end. An empty set: no such connection is
// listed. nullopt in it: that end has been closed.
std::set<std::optional<uid_t>> holders(const Address& ours,
                                       const Address& theirs) {
  std::set<std::optional<uid_t>> out;
  for (const bool six : {false, true}) {
    if (!six && ours.any.sa_family != AF_INET) continue;
    std::ifstream table(six ? "/proc/self/net/tcp6" : "/proc/self/net/tcp");
    const std::string from = in_table(theirs, six), to = in_table(ours, six);
    std::string line, number, local, remote, skipped;
    while (std::getline(table, line)) {
      std::istringstream words(line);
      words >> number >> local >> remote;
      if (local != from || remote != to) continue;
      uid_t uid = 0;
      std::uint64_t inode = 0;
      // Skips state, queues, timer and retransmissions.
      for (int i = 0; i < 4; ++i) words >> skipped;
      words >> uid >> skipped >> inode;
      out.insert(words && inode != 0 ? std::optional(uid) : std::nullopt);
    }
  }
  return out;
}

std::string name_of_account(uid_t uid) {
  const passwd* found = ::getpwuid(uid);
  return found ? found->pw_name : "uid " + std::to_string(uid);
}

bool is_account(uid_t uid, const std::string& name) {
  const passwd* found = ::getpwnam(name.c_str());
  return found && found->pw_uid == uid;
}

std::string why_not_account(uid_t uid, const std::string& account,
                            const std::string& where) {
  const bool may = account.empty() ? uid == 0 || uid == ::geteuid() ||
                                         is_account(uid, "postgres")
                                   : is_account(uid, account);
  if (may) return "";
  return "account " + printable(name_of_account(uid), 40) + " answers " +
         where + " instead of " +
         (account.empty() ? "postgres or root" : printable(account, 40)) +
         " and would get the password; start PostgreSQL there, or add "
         "requirepeer=ACCOUNT to conninfo if that is its account";
}

bool is_over(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
         info.tcpi_state == TCP_CLOSE;
}

std::string why_not_on_loopback(int socket, const std::string& account,
                                const Address& theirs) {
  const auto ours = address_from(::getsockname, socket);
  if (!ours) return "";
  const std::string where = "at " + shown(theirs);
  for (int look = 0; look < kLooks; ++look) {
    const auto found = holders(*ours, theirs);
    for (const auto& uid : found) {
      if (!uid) continue;
      const std::string why = why_not_account(*uid, account, where);
      if (!why.empty()) return why;
    }
    // A connection whose other end is closed sends nothing to anybody.
    if (!found.empty() || is_over(socket)) return "";
  }
  return "no process of this machine answers " + where +
         " (but one in a container or another network namespace) and would "
         "get the password; use a Unix socket or sslmode=verify-full, or set "
         "insecure = true in berth.conf";
}

}  // namespace

std::string why_not_the_server(int socket, const std::string& account,
                               bool verified) {
  const auto theirs = address_from(::getpeername, socket);
  if (!theirs) return "";
  if (theirs->any.sa_family == AF_UNIX) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
      throw_errno("read the peer account of", "PostgreSQL's socket");
    }
    return why_not_account(peer.uid, account, "on the socket");
  }
  if (verified) return "";
  if (is_loopback(*theirs)) {
    return why_not_on_loopback(socket, account, *theirs);
  }
  return "conninfo's host leads to " + shown(*theirs) +
         ", which is not a loopback address, without sslmode=verify-full";
}

}  // namespace berth::worker
