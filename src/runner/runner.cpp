// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/runner.hpp"

#include <pwd.h>
#include <signal.h>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "runner/decide/checks.hpp"
#include "runner/decide/spares.hpp"
#include "runner/dispatch.hpp"
#include "runner/processes/inotify.hpp"
#include "runner/processes/signals.hpp"
#include "store/sequence.hpp"

namespace berth::runner {
namespace {

constexpr std::int64_t kStopTime = 60'000;   // ms for workers after TERM
constexpr std::int64_t kHostsMaySpeak = 5000;  // ms after the start
constexpr std::int64_t kSweepEvery = 600'000;
constexpr std::int64_t kReplan = 10'000;     // estimates change with time

uid_t uid_of(const std::string& user) {
  const passwd* found = ::getpwnam(user.c_str());
  if (!found) throw Error("find", "web user " + user, "no such user");
  return found->pw_uid;
}

Lock only_one(const Dir& dir) {
  auto lock = Lock::try_take(dir, "berthd");
  if (!lock) {
    throw Error("lock", dir.path_of("berthd"),
                "another berthd uses this spool: " +
                    Lock::owner(dir, "berthd"));
  }
  return std::move(*lock);
}

World world_of(Config config) {
  World world;
  world.config = std::move(config);
  world.now = world.since = wall_now();
  return world;
}

}  // namespace

Runner::Runner(Config config)
    : world_(world_of(std::move(config))),
      layout_(world_.config.paths),
      lock_dir_(layout_.lock),
      lock_(only_one(lock_dir_)),
      state_(layout_.state),
      ledger_(layout_, world_),
      acceptor_(layout_, world_, ledger_, uid_of(world_.config.web_user)),
      workers_(loop_, world_, ledger_, layout_,
               [this](const std::string& host) { watchers_.poke(host); }),
      watchers_(loop_, world_, state_),
      chores_(loop_, world_, state_),
      publisher_(loop_, world_, state_),
      sweep_(layout_, world_),
      expiry_(read_clocks()) {}

void Runner::recover() {
  world_.hosts_heard = false;
  site_uuid(Dir(layout_.lib), true);
  sweep_.unfinished();
  ledger_.load();
  workers_.kill_leftovers();
  acceptor_.recover();
  publisher_.everything();
}

void Runner::once() {
  watchers_.believe();
  world_.hosts_heard = true;
  while (acceptor_.tend(monotonic_ms())) {
  }
  dispatch(world_, ledger_, false);
  publisher_.flush();
}

void Runner::run() {
  signals_ = open_signals();
  loop_.watch(signals_.get(), [this](short) { signalled(); });
  inotify_ = open_inotify();
  watch_folder(inotify_, layout_.drop, Folder::arrivals);
  watch_folder(inotify_, layout_.drop_root, Folder::arrivals);
  active_watch_ = watch_folder(inotify_, layout_.active, Folder::writes);
  Dir(layout_.state).make("hosts", 02750);
  hosts_watch_ =
      watch_folder(inotify_, layout_.state + "/hosts", Folder::arrivals);
  loop_.watch(inotify_.get(), [this](short) { notified(); });
  watchers_.reload();
  publisher_.health(true, "");
  notify("READY=1\n");
  log_info("reading " + layout_.drop + "; " +
           std::to_string(world_.jobs.size()) + " unfinished jobs");
  while (!stopping_) {
    tend();
    loop_.turn();
  }
  stop();
}

void Runner::tend() {
  const std::int64_t now_ms = monotonic_ms();
  world_.now = wall_now();
  // Until the hosts have reported, every server is unknown, and drops would be
  // refused wrongly.
  world_.hosts_heard =
      watchers_.heard_all() || now_ms > started_ + kHostsMaySpeak;
  if (world_.hosts_heard && acceptor_.tend(now_ms)) loop_.wake_by(now_ms);
  expire_holds();
  workers_.tend(now_ms);
  tend_spares(now_ms);
  tend_checks(now_ms);
  start_jobs(now_ms);
  watchers_.tend(now_ms);
  hurry_tidy(now_ms);
  chores_.tend(now_ms);
  if (now_ms >= next_sweep_) {
    next_sweep_ = now_ms + kSweepEvery;
    sweep_.run();
    acceptor_.forget_swept();
    acceptor_.sweep_rubbish(world_.now - kRubbishKept);
  }
  publisher_.tend(now_ms);
}

// A hold does not expire while a job on its server is queued or runs.
void Runner::expire_holds() {
  if (expiry_.look(read_clocks())) {
    log_warning("the clocks jumped; holds that expired meanwhile get ten "
                "minutes of grace");
  }
  for (const auto& [name, server] : world_.servers) {
    if (!server.hold || !server.taken_over_by.empty() ||
        !expiry_.due(server.hold->until) || !world_.jobs_on(name).empty()) {
      continue;
    }
    try {
      log_info(name + ": the hold of " + server.hold->user + " expired");
      ledger_.expire(name);
    } catch (const Error& e) {
      log_error(e.what());
      return;
    }
  }
}

void Runner::start_jobs(std::int64_t now_ms) {
  const bool healthy = workers_.healthy(now_ms);
  if (!world_.changes.queue && now_ms < next_plan_ && paused_ != healthy) {
    return;
  }
  paused_ = !healthy;
  next_plan_ = now_ms + kReplan;
  try {
    dispatch(world_, ledger_, healthy);
  } catch (const Error& e) {
    log_error(e.what());
    next_plan_ = now_ms + 1000;
    return;
  }
  workers_.tend(now_ms);
}

// Runs tidy every second until the published state of the cluster is newer than
// the job's end, for at most ten seconds: a cluster that is unreachable
// publishes no new state.
void Runner::hurry_tidy(std::int64_t now_ms) {
  for (const auto& [cluster, at] : world_.changed) {
    const auto news = world_.clusters.find(cluster);
    const bool seen =
        news != world_.clusters.end() && news->second.as_of > at;
    if (seen || world_.now > at + 10) continue;
    std::int64_t& next = next_hurry_[cluster];
    if (now_ms >= next) {
      next = now_ms + 1000;
      chores_.hurry(cluster);
    }
    loop_.wake_by(next);
  }
}

// Cancels spares that are no longer needed, and queues those that are missing.
void Runner::tend_spares(std::int64_t now_ms) {
  if (now_ms < next_spares_) return;
  next_spares_ = now_ms + 1000;
  try {
    for (const std::int64_t id : spares_not_needed(world_)) {
      ledger_.end(id, {.outcome = Outcome::cancelled,
                       .detail = "this spare is no longer needed"}, {});
    }
    for (const auto& wanted : spares_to_make(world_)) {
      ledger_.add(spare_job(world_, wanted, ledger_.next_number()));
    }
  } catch (const Error& e) {
    log_error(e.what());
    next_spares_ = now_ms + 60'000;
  }
}

// At most one check every 5 s, so that a thousand due servers do not
// all start at once.
void Runner::tend_checks(std::int64_t now_ms) {
  if (now_ms < next_checks_) return;
  next_checks_ = now_ms + 5'000;
  try {
    if (const auto server = check_to_make(world_)) {
      ledger_.add(check_job(world_, *server, ledger_.next_number()));
    }
  } catch (const Error& e) {
    log_error(e.what());
    next_checks_ = now_ms + 60'000;
  }
}

void Runner::signalled() {
  while (const int signal = next_signal(signals_.get())) {
    if (signal == SIGHUP) {
      reload();
    } else {
      log_info("stopping");
      stopping_ = true;
    }
  }
}

void Runner::notified() {
  for (const auto& [watch, name] : read_inotify(inotify_)) {
    if (watch == active_watch_) {
      const auto id = number_in(name, "", ".steps");
      if (id) workers_.moved(*id);
    } else if (watch == hosts_watch_) {
      watchers_.look();
    } else {
      acceptor_.look();  // also if events were lost
    }
  }
}

void Runner::reload() {
  try {
    Config next = load_config(world_.config.file);
    if (Layout(next.paths).drop != layout_.drop ||
        Layout(next.paths).lib != layout_.lib) {
      log_warning("[paths] changed in berth.conf: not applied until berthd is "
                  "restarted");
      next.paths = world_.config.paths;
    }
    world_.config = std::move(next);
  } catch (const ConfigError& e) {
    for (const auto& problem : e.problems()) log_error(problem.str());
    log_error("invalid configuration: keeping the previous one");
    return publisher_.health(true, "invalid berth.conf; berthd uses the "
                                   "previous configuration");
  }
  log_info("configuration reloaded");
  publisher_.health(true, "");
  watchers_.reload();
  started_ = monotonic_ms();  // wait again for new and changed hosts
  publisher_.everything();
}

// Starts nothing; running jobs come to a safe point. A job that has not
// switched is reverted and returns to its place in the queue.
void Runner::stop() {
  notify("STOPPING=1\n");
  acceptor_.stop();
  watchers_.stop();
  chores_.stop();
  workers_.stop();
  const std::int64_t end = monotonic_ms() + kStopTime;
  while (!workers_.idle() && monotonic_ms() < end) {
    loop_.wake_by(end);
    loop_.turn();
    world_.now = wall_now();
    workers_.tend(monotonic_ms());
    publisher_.tend(monotonic_ms());
  }
  if (!workers_.idle()) {
    log_warning("workers did not exit within a minute: killing them; the next "
                "start settles their jobs");
  }
  dispatch(world_, ledger_, false);
  publisher_.flush();
  publisher_.health(false, "berthd is stopped");
}

}  // namespace berth::runner
