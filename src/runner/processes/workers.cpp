// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/processes/workers.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "base/lock.hpp"
#include "base/log.hpp"
#include "base/programs.hpp"
#include "base/text.hpp"
#include "runner/processes/leftover.hpp"
#include "runner/world/job_claim.hpp"
#include "runner/world/summary.hpp"

namespace berth::runner {
namespace {

constexpr int kCannotSettle = 75;            // EX_TEMPFAIL
constexpr std::int64_t kLongestWorkBackoff = 60'000;
constexpr std::int64_t kLockPoll = 50;
constexpr std::int64_t kStepsPoll = 250;     // four reads a second per job
constexpr std::int64_t kEarly = 2000;        // a crash this soon is early
constexpr int kEarlyDeaths = 5;              // in a row, then a pause
constexpr std::int64_t kPause = 10'000;
// A longer queue is not published again for a step of one job.
constexpr std::size_t kShortQueue = 200;
// Crashes in this run of berthd after which a job fails instead of being
// requeued. kSwitchAttempts (worker/job/outcome.cpp) bounds the crashes that a
// worker could settle; this one bounds those that it could not.
constexpr int kMostCrashes = 5;

std::string lock_of(std::int64_t id) { return "job-" + std::to_string(id); }

std::int64_t backoff(int failures, bool at_once) {
  const int doublings = failures - (at_once ? 2 : 1);
  if (doublings < 0) return 0;
  return std::min<std::int64_t>(kLongestWorkBackoff,
                                std::int64_t{1000} << std::min(doublings, 6));
}

}  // namespace

Workers::Workers(Loop& loop, World& world, Ledger& ledger,
                 const Layout& layout,
                 std::function<void(const std::string& host)> look)
    : loop_(loop),
      world_(world),
      ledger_(ledger),
      locks_(layout.lock),
      look_(std::move(look)) {}

void Workers::kill_leftovers() {
  for (const auto& [id, live] : world_.jobs) {
    if (live.state == JobState::queued || !live.job.started) continue;
    if (kill_leftover(*live.job.started)) {
      log_warning(job_text(id) + ": killed process " +
                  std::to_string(live.job.started->pid) +
                  ", which an earlier berthd left running");
    }
  }
}

void Workers::tend(std::int64_t now_ms) {
  std::vector<std::int64_t> idle;
  for (auto& [id, live] : world_.jobs) {
    if (live.state == JobState::queued) continue;
    const auto worker = workers_.find(id);
    if (worker == workers_.end()) {
      idle.push_back(id);
    } else if (live.job.cancel && !worker->second.cancel_sent) {
      worker->second.cancel_sent = true;
      say(id, {{"cancel", true}});
    }
  }
  for (const std::int64_t id : idle) {
    settle_or_start(world_.jobs.at(id), now_ms);
  }
  for (auto it = moved_.begin(); it != moved_.end();) {
    const auto live = world_.jobs.find(*it);
    if (live == world_.jobs.end() || live->second.state == JobState::queued) {
      looked_.erase(*it);
      it = moved_.erase(it);
    } else if (now_ms - looked_[*it] < kStepsPoll) {
      loop_.wake_by(looked_[*it] + kStepsPoll);
      ++it;
    } else {
      looked_[*it] = now_ms;
      const auto before = live->second.steps.size();
      read_again(live->second);
      world_.changes.jobs.insert(*it);
      if (before != live->second.steps.size() &&
          live->second.steps.back().event != "progress" &&
          world_.jobs.size() <= kShortQueue) {
        world_.changes.queue_file = true;
      }
      if (!live->second.job.server.empty()) {
        world_.changes.servers.insert(live->second.job.server);
      }
      if (live->second.job.kind == JobKind::refresh) {
        world_.changes.applications = true;
      }
      it = moved_.erase(it);
    }
  }
}

// Unreadable steps (a worker of a newer version, a broken disk) concern this
// job only.
void Workers::read_again(LiveJob& live) {
  try {
    live.steps = read_steps(ledger_.active_dir(), live.job.id);
  } catch (const std::exception& e) {
    live.steps.clear();
    log_error(job_text(live.job.id) + ": cannot read its steps: " +
              e.what());
  }
}

// An active job without a process: its result may already be written, and its
// last process may still hold the lock.
void Workers::settle_or_start(LiveJob& live, std::int64_t now_ms) {
  const std::int64_t id = live.job.id;
  const Retry& retry = retries_[id];
  if (now_ms < retry.at) return loop_.wake_by(retry.at);
  if (Lock::held(locks_, lock_of(id))) return loop_.wake_by(now_ms + kLockPoll);
  read_again(live);
  if (const JobResult* found = result_in(live.steps)) {
    return conclude(live, JobResult(*found));
  }
  if (stopping_) return;
  try {
    start(live, now_ms);
  } catch (const Error& e) {
    again(live, e.what(), false);
  }
}

void Workers::start(LiveJob& live, std::int64_t now_ms) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    throw_errno("make", "socket pair");
  }
  Fd ours(pair[0]);
  Fd theirs(pair[1]);
  const std::int64_t id = live.job.id;
  ChildOptions options;
  options.pass = {{3, theirs.get()}};
  options.environment = minimal_environment();
  Worker worker{Child::start({program_path("berth-worker"), "--config",
                              world_.config.file, "job",
                              ledger_.active_dir().path_of(job_file_name(id))},
                             options),
                std::move(ours), now_ms, live.job.cancel.has_value()};
  const pid_t pid = worker.child.pid();
  loop_.watch(worker.socket.get(), [this, id](short) { hear(id); });
  loop_.watch(worker.child.pidfd(), [this, id](short) { ended(id); });
  workers_.emplace(id, std::move(worker));
  live.state = JobState::running;
  world_.changes.all_of(live.job);
  try {
    ledger_.note_worker(
        live, {pid, process_start_time(pid).value_or(0), world_.now});
  } catch (const Error& e) {
    // PDEATHSIG kills it with us; the note is for the case that it does not.
    log_error(e.what());
  }
}

void Workers::ended(std::int64_t id) {
  const auto found = workers_.find(id);
  if (found == workers_.end()) return;
  Worker& worker = found->second;
  // Its process group first, while the dead leader still keeps the pid in use.
  worker.child.kill();
  const auto status = worker.child.poll_exit();
  if (!status) return;
  loop_.forget(worker.socket.get());
  loop_.forget(worker.child.pidfd());
  const std::int64_t lived = monotonic_ms() - worker.since;
  world_.now = wall_now();
  workers_.erase(found);
  for (const auto& claim : claims_.of(id)) give_back(id, claim);
  LiveJob& live = world_.jobs.at(id);
  live.waits.reset();  // its request ended with the process
  read_again(live);
  const JobResult* result = result_in(live.steps);
  if (status->ok() && result) {
    early_deaths_ = 0;
    return conclude(live, JobResult(*result));
  }
  if (status->code == kCannotSettle) {
    return again(live, "it cannot be settled now", false);
  }
  ++live.crashes;
  if (lived < kEarly && !stopping_ && ++early_deaths_ >= kEarlyDeaths) {
    log_error(std::to_string(early_deaths_) + " workers in a row exited "
              "within " + std::to_string(kEarly / 1000) + " s; no jobs will "
              "start for " + std::to_string(kPause / 1000) + " s");
    hold_until_ = monotonic_ms() + kPause;
    early_deaths_ = 0;
  }
  again(live, "its worker exited (" + status->text() + ")", true);
}

void Workers::again(LiveJob& live, const std::string& why, bool at_once) {
  const std::int64_t id = live.job.id;
  Retry& retry = retries_[id];
  ++retry.failures;
  const std::int64_t wait = backoff(retry.failures, at_once);
  retry.at = monotonic_ms() + wait;
  loop_.wake_by(retry.at);
  live.state = JobState::unsettled;
  live.trouble = why + "; it is retried automatically";
  world_.changes.all_of(live.job);
  log_warning(job_text(id) + ": " + why + "; retrying in " +
              std::to_string(wait / 1000) + " s");
}

// The job's result is durable in its steps: if the ledger cannot write now, it
// is repeated from there.
void Workers::conclude(LiveJob& live, const JobResult& result) {
  const std::int64_t id = live.job.id;
  try {
    const auto steps = live.steps;
    if (result.outcome != Outcome::requeue) {
      log_info(job_text(id) + ": " + to_text(result.outcome) + ": " +
               printable(result.detail));
      ledger_.end(id, result, steps);
    } else if (live.crashes >= kMostCrashes && !live.job.cancel) {
      JobResult failed = result;
      failed.outcome = Outcome::failed;
      failed.detail = "its worker crashed " + std::to_string(live.crashes) +
                      " times; " + result.detail;
      for (const auto& step : step_states(live.job, steps)) {
        if (step.state == "running" || step.state == "done") {
          failed.failed_step = step.name;
        }
      }
      log_warning(job_text(id) + ": failed: " + failed.detail);
      ledger_.end(id, failed, steps);
    } else {
      // A job that yielded to another has not failed.
      const bool yielded = yielded_.contains(id);
      log_info(job_text(id) + ": requeued: " +
               (yielded ? "it yielded" : printable(result.detail)));
      ledger_.requeue(live, !yielded);
    }
    yielded_.erase(id);
    retries_.erase(id);
    looked_.erase(id);
  } catch (const Error& e) {
    again(live, e.what(), false);
  }
}

void Workers::stop() {
  stopping_ = true;
  for (const auto& [id, worker] : workers_) say(id, {{"stop", true}});
}

// The messages on fd 3. A worker is our own program, but it talks to guests and
// clusters all day, so its messages are checked as strictly as a drop.

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
