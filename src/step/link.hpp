// SPDX-License-Identifier: GPL-2.0-or-later
// The line up to whoever started this process: descriptor 3, SOCK_SEQPACKET,
// one JSON object a packet. berthd is at the other end of a worker's, the
// worker at the other end of a child step's, and both speak the same:
//
//   up:    {"progress":{"step","done","total","unit","message"}}
//          {"ask":"commit"} {"ask":"copies:db1"} {"give":"copies:db1"}
//   down:  {"answer":"commit","go":true} {"cancel":true} {"stop":true}
//          {"yield":true}   to a spare, when a build wants to copy: as stop
//   up, from a child step only:
//          {"log":"text"} {"end":{"ok":bool,"message":"...","note":{...}}}
//
// Without a descriptor 3 (a worker run by hand) everything is granted and
// nobody cancels. Whoever waits for something outside waits through wait(), so
// that a cancel is seen at once, whatever the worker is doing.
//
// It also knows what this process must not show: the secrets of the job's
// application and of those that share its server. What a program, a guest or a
// cluster says is masked where it is read (worker/job/process, stream,
// ssh_master, guest, connection), so that whoever shortens it or makes it part
// of a message has it masked already. It is masked once more, whole, where it
// leaves: worker/job/journal, and LinkReport.
#pragma once

#include <poll.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/json.hpp"
#include "step/mask.hpp"
#include "step/stop.hpp"

namespace berth {

// Bytes of one packet, far under the kernel's send buffer.
inline constexpr std::size_t kLargestPacket = 60 * 1024;

class Link {
 public:
  // Descriptor 3 when it is such a socket, else by hand.
  static Link inherited();
  explicit Link(Fd fd) : fd_(std::move(fd)) {}
  bool by_hand() const { return !fd_; }

  // From here on: of what is read and sent.
  void hide(Mask mask) { mask_ = std::move(mask); }
  const Mask& mask() const { return mask_; }

  // Waits until one of `fds` has something or the time is over (-1: for ever);
  // revents are set. Throws Interrupted once told to cancel or stop.
  void wait(std::vector<pollfd>& fds, std::int64_t timeout_ms);
  void sleep(std::int64_t ms);
  // Throws Interrupted if that has been said by now.
  void check();
  // From here on nothing interrupts: past the commit point, or undoing.
  void shield() { shielded_ = true; }
  // What was said meanwhile is heard at the next wait or check.
  void unshield() { shielded_ = false; }
  bool shielded() const { return shielded_; }

  // Waits for the answer. "commit": false means it was cancelled.
  bool ask(const std::string& what);
  void give(const std::string& what);
  // Lost packets do not matter: nobody up there is no reason to fail.
  void send(const json::object& packet);
  // At most four a second: whether it is time for one. Asked before its text
  // is masked, because what a guest sends is as much as it likes.
  bool progress_is_due() const;
  void progress(const json::object& progress);
  // Answers that came in for a child step's question, in order.
  std::vector<json::object> take_answers();

 private:
  void receive();
  Fd fd_;
  Mask mask_;
  bool shielded_ = false;
  std::optional<Interrupted> told_;
  std::vector<json::object> answers_;
  std::int64_t last_progress_ = 0;
};

// One packet, nullopt at the end of the line or for a packet that is no
// object; never blocks longer than the packet takes.
struct Packet {
  bool end = false;  // the other side is gone
  std::optional<json::object> object;
};
Packet receive_packet(int fd);
bool send_packet(int fd, const json::object& packet);

}  // namespace berth
