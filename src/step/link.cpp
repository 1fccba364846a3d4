// SPDX-License-Identifier: GPL-2.0-or-later
#include "step/link.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/clock.hpp"

namespace berth {
namespace {

constexpr int kDescriptor = 3;
constexpr std::int64_t kProgressEvery = 250;  // ms

}  // namespace

Packet receive_packet(int fd) {
  std::string buffer(kLargestPacket, '\0');
  ssize_t n;
  do {
    n = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
  } while (n < 0 && errno == EINTR);
  Packet out;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return out;
  if (n <= 0) {
    out.end = true;
    return out;
  }
  buffer.resize(static_cast<std::size_t>(n));
  try {
    json::value value = parse_json(buffer);
    if (value.is_object()) out.object = std::move(value.as_object());
  } catch (const JsonError&) {
    // Ignored: both ends are Berth's, so this cannot be a message that matters.
  }
  return out;
}

bool send_packet(int fd, const json::object& packet) {
  const std::string text = json::serialize(packet);
  if (text.size() > kLargestPacket) return false;
  ssize_t n;
  do {
    n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n >= 0;
}

Link Link::inherited() {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(kDescriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      type != SOCK_SEQPACKET) {
    return Link(Fd());
  }
  ::fcntl(kDescriptor, F_SETFD, FD_CLOEXEC);
  return Link(Fd(kDescriptor));
}

void Link::receive() {
  const Packet packet = receive_packet(fd_.get());
  if (packet.end) {
    // The parent process exited, so nobody will read the result. What was begun
    // is undone; the next worker of the job continues from its steps.
    interrupted_ = Interrupted{Interrupted::Why::stop};
    fd_.close();
    return;
  }
  if (!packet.object) return;
  if (packet.object->contains("cancel")) {
    interrupted_ = Interrupted{Interrupted::Why::cancel};
  } else if (packet.object->contains("stop") ||
             packet.object->contains("yield")) {
    if (!interrupted_) interrupted_ = Interrupted{Interrupted::Why::stop};
  } else if (packet.object->contains("answer")) {
    answers_.push_back(*packet.object);
  }
}

void Link::check() {
  if (interrupted_ && !shielded_) throw Interrupted(*interrupted_);
}

void Link::wait(std::vector<pollfd>& fds, std::int64_t timeout_ms) {
  check();
  std::vector<pollfd> all = fds;
  if (fd_) all.push_back({fd_.get(), POLLIN, 0});
  const int timeout =
      timeout_ms < 0 ? -1
                     : static_cast<int>(std::min<std::int64_t>(timeout_ms,
                                                               1000 * 1000));
  if (::poll(all.data(), all.size(), timeout) < 0 && errno == EINTR) {
    for (auto& entry : all) entry.revents = 0;
  }
  for (std::size_t i = 0; i < fds.size(); ++i) fds[i].revents = all[i].revents;
  if (fd_ && all.back().revents != 0) receive();
  check();
}

void Link::sleep(std::int64_t ms) {
  const std::int64_t end = monotonic_ms() + ms;
  std::vector<pollfd> none;
  for (std::int64_t left = ms; left > 0; left = end - monotonic_ms()) {
    wait(none, left);
  }
}

bool Link::ask(const std::string& what) {
  if (by_hand()) return true;
  send({{"ask", what}});
  std::vector<pollfd> none;
  while (fd_) {
    for (auto it = answers_.begin(); it != answers_.end(); ++it) {
      if (string_or(*it, "answer", "") != what) continue;
      const bool granted = bool_or(*it, "go", false);
      answers_.erase(it);
      return granted;
    }
    wait(none, -1);
  }
  return false;
}

void Link::give(const std::string& what) { send({{"give", what}}); }

void Link::send(const json::object& packet) {
  if (fd_) send_packet(fd_.get(), packet);
}

bool Link::progress_is_due() const {
  return monotonic_ms() - last_progress_ >= kProgressEvery;
}

void Link::progress(const json::object& progress) {
  if (!progress_is_due()) return;
  last_progress_ = monotonic_ms();
  send({{"progress", progress}});
}

std::vector<json::object> Link::take_answers() {
  return std::exchange(answers_, {});
}

}  // namespace berth
