// SPDX-License-Identifier: GPL-2.0-or-later
#include "web/undecided.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "base/error.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "store/drop.hpp"

namespace berth::web {
namespace {

constexpr Instant kToWrite = 10;        // seconds
constexpr std::size_t kLargest = 4096;  // bytes; of ours
constexpr int kTries = 500;
constexpr useconds_t kBetweenTries = 2000;  // us

bool lock(const Fd& fd) {
  for (int i = 0; i < kTries; ++i) {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(fd.get(), F_OFD_SETLK, &whole) == 0) return true;
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) return false;
    ::usleep(kBetweenTries);
  }
  return false;
}

struct Noted {
  std::string token;
  std::int64_t at = 0;  // an Instant, as the file has it
};

bool is_undecided(const Dir& drops, const Dir& receipts, const Noted& noted,
                  Instant now) {
  const std::string name = drop_name(noted.token);
  if (receipts.exists(name)) return false;
  const bool recent = noted.at <= now && now - noted.at < kToWrite;
  return recent || drops.exists(name);
}

}  // namespace

bool note_undecided(const Dir& drops, const Dir& receipts,
                    const std::string& user, const std::string& token,
                    Instant now) {
  // The uid is in the name because another web user could not open this file.
  const std::string name = ".undecided-" + std::to_string(::geteuid()) + "-" +
                           fingerprint(user);
  const Fd fd = drops.open(name, O_RDWR | O_CREAT, 0600);
  if (!fd) throw_errno("open", drops.path_of(name));
  if (!lock(fd)) return false;
  std::istringstream text(
      read_all(fd.get(), kLargest, drops.path_of(name)).value_or(""));
  std::string out;
  std::size_t count = 0;
  for (Noted noted; text >> noted.token >> noted.at;) {
    if (!is_token(noted.token) ||
        !is_undecided(drops, receipts, noted, now)) {
      continue;
    }
    ++count;
    out += noted.token + " " + std::to_string(noted.at) + "\n";
  }
  if (count >= kMostUndecided) return false;
  out += token + " " + std::to_string(now) + "\n";
  // If a kill truncates it, it counts too few.
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), out.data(), out.size(), 0) !=
          static_cast<ssize_t>(out.size())) {
    throw_errno("write", drops.path_of(name));
  }
  return true;
}

}  // namespace berth::web
