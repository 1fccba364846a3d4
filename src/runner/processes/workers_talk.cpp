// SPDX-License-Identifier: GPL-2.0-or-later
// The messages on fd 3. A worker is our own program, but it talks to guests and
// clusters all day, so its messages are checked as strictly as a drop.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "base/text.hpp"
#include "runner/processes/workers.hpp"
#include "runner/world/job_claim.hpp"

namespace berth::runner {
namespace {

constexpr std::size_t kLargestPacket = 16 * 1024;
constexpr int kPacketsPerTurn = 32;  // one worker must not delay the others

}  // namespace

void Workers::hear(std::int64_t id) {
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    const auto found = workers_.find(id);
    if (found == workers_.end()) return;
    const int fd = found->second.socket.get();
    char buffer[kLargestPacket];
    const ssize_t n = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    // it closed its end; its pidfd follows
    if (n <= 0) return loop_.forget(fd);
    const std::string_view text(buffer, static_cast<std::size_t>(n));
    try {
      answer(id, parse_json(text).as_object());
    } catch (const std::exception& e) {
      log_warning(job_text(id) + ": invalid message '" +
                  printable(text, 80) + "' from its worker: " + e.what());
    }
  }
}

void Workers::answer(std::int64_t id, const json::object& packet) {
  LiveJob& live = world_.jobs.at(id);
  const std::string ask = string_or(packet, "ask", "");
  if (packet.contains("progress")) moved(id);
  const std::string host = string_or(packet, "look", "");
  if (!host.empty()) look_(host);
  if (ask == "commit") {
    // The only place where cancel and commit meet: the first one wins.
    const bool go = !live.job.cancel;
    if (go) live.past_cancel = true;
    world_.changes.jobs.insert(id);
    say(id, {{"answer", "commit"}, {"go", go}});
  } else if (ask.starts_with("copies:")) {
    if (claims_.ask(id, ask, copies(ask), in_background(live.job))) {
      say(id, {{"answer", ask}, {"go", true}});
    }
    make_way(ask);
    show_claims();
  } else if (!ask.empty()) {
    log_warning(job_text(id) + ": its worker asks for unknown "
                "claim '" + printable(ask, 80) + "'");
  }
  const std::string give = string_or(packet, "give", "");
  if (!give.empty()) give_back(id, give);
}

// A spare that copies is requeued as soon as a person's build waits for the
// claim.
void Workers::make_way(const std::string& claim) {
  for (const std::int64_t id : claims_.in_the_way(claim)) {
    const auto live = world_.jobs.find(id);
    if (live == world_.jobs.end() || live->second.job.kind != JobKind::spare ||
        !yielded_.insert(id).second) {
      continue;
    }
    log_info(job_text(id) + ": yields to a build");
    say(id, {{"yield", true}});
  }
}

void Workers::give_back(std::int64_t id, const std::string& claim) {
  for (const std::int64_t next : claims_.give(id, claim, copies(claim))) {
    say(next, {{"answer", claim}, {"go", true}});
  }
  show_claims();
}

void Workers::say(std::int64_t id, const json::object& packet) {
  const auto found = workers_.find(id);
  if (found == workers_.end()) return;
  const std::string text = json::serialize(packet);
  // Never waits: a worker that does not read its few packets is stuck, and its
  // deadlines end it.
  if (::send(found->second.socket.get(), text.data(), text.size(),
             MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
    log_warning(job_text(id) + ": cannot send its worker " +
                text);
  }
}

std::size_t Workers::copies(const std::string& claim) const {
  const auto cluster = world_.config.clusters.find(claim.substr(7));
  if (cluster == world_.config.clusters.end()) return 1;
  return static_cast<std::size_t>(std::max(1, cluster->second.copies));
}

void Workers::show_claims() {
  for (const auto& [id, worker] : workers_) {
    LiveJob& live = world_.jobs.at(id);
    auto waits = claims_.waiting(id);
    if (waits && waits->holder) {
      const auto holder = world_.jobs.find(*waits->holder);
      if (holder != world_.jobs.end()) {
        waits->holder_user = holder->second.job.user;
      }
    }
    if (waits == live.waits) continue;
    live.waits = waits;
    world_.changes.all_of(live.job);
  }
}

}  // namespace berth::runner
