// SPDX-License-Identifier: GPL-2.0-or-later
// The channel to the parent process: descriptor 3, SOCK_SEQPACKET, one JSON
// object per packet. A worker's parent is berthd, a child step's parent is the
// worker; the protocol is the same:
//
//   up:    {"progress":{"step","done","total","unit","message"}}
//          {"ask":"commit"} {"ask":"copies:db1"} {"give":"copies:db1"}
//   down:  {"answer":"commit","go":true} {"cancel":true} {"stop":true}
//          {"yield":true}   to a spare, when a build needs to copy; as stop
//   up, from a child step only:
//          {"log":"text"} {"end":{"ok":bool,"message":"...","note":{...}}}
//
// Without a descriptor 3 (a worker run by hand) every question is granted and
// nothing cancels. Code that waits for anything outside this process must wait
// through wait(), so that a cancel takes effect at once.
//
// The channel also holds the mask of what this process must not show: the
// secrets of the job's application and of those that share its server. Output
// of a program, a guest or a cluster is masked where it is read
// (worker/job/process, stream, ssh_master, guest, connection), so that code
// that shortens it or quotes it in a message has it masked already. Whole
// messages are masked once more where they leave: in worker/job/journal, and in
// LinkReport.
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

// Bytes per packet, far below the kernel's send buffer.
inline constexpr std::size_t kLargestPacket = 60 * 1024;

class Link {
 public:
  // Uses descriptor 3 if it is a SOCK_SEQPACKET socket, else runs by hand.
  static Link inherited();
  explicit Link(Fd fd) : fd_(std::move(fd)) {}
  bool by_hand() const { return !fd_; }

  // Sets the mask for everything read and sent from now on.
  void hide(Mask mask) { mask_ = std::move(mask); }
  const Mask& mask() const { return mask_; }

  // Waits until one of `fds` is ready or the timeout (-1: none) expires, and
  // sets revents. Throws Interrupted if the parent cancels or stops the job.
  void wait(std::vector<pollfd>& fds, std::int64_t timeout_ms);
  void sleep(std::int64_t ms);
  // Throws Interrupted if a cancel or stop has been received.
  void check();
  // From now on nothing interrupts: past the commit point, or during an undo.
  void shield() { shielded_ = true; }
  // A cancel received while shielded takes effect at the next wait or check.
  void unshield() { shielded_ = false; }
  bool shielded() const { return shielded_; }

  // Waits for the answer. False for "commit" means that the job was cancelled.
  bool ask(const std::string& what);
  void give(const std::string& what);
  // Ignores errors: a parent that no longer reads is no reason to fail.
  void send(const json::object& packet);
  // Progress is sent at most four times a second; this returns whether the next
  // is due. Call it before masking the text, because a guest may send any
  // amount.
  bool progress_is_due() const;
  void progress(const json::object& progress);
  // The answers received for questions of child steps, in order.
  std::vector<json::object> take_answers();

 private:
  void receive();
  Fd fd_;
  Mask mask_;
  bool shielded_ = false;
  std::optional<Interrupted> interrupted_;
  std::vector<json::object> answers_;
  std::int64_t last_progress_ = 0;
};

// `object` is empty when no packet is waiting and for a packet that is not a
// JSON object. Never blocks.
struct Packet {
  bool end = false;  // the other side closed the channel
  std::optional<json::object> object;
};
Packet receive_packet(int fd);
bool send_packet(int fd, const json::object& packet);

}  // namespace berth
