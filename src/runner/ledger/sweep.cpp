// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ledger/sweep.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include "base/error.hpp"
#include "base/lock.hpp"
#include "base/log.hpp"
#include "base/name.hpp"
#include "store/drop.hpp"
#include "store/preview.hpp"
#include "store/receipt.hpp"

namespace berth::runner {
namespace {

using Asks = std::function<bool(const std::string& name)>;

// Removes the regular files that last changed before `before` and for which
// `wants` is true. It compares the change time, which only the kernel sets.
void remove_old(const Dir& dir, Instant before, const Asks& wants) {
  bool any = false;
  for (const auto& name : dir.names()) {
    const auto st = dir.stat(name);
    if (!st || !S_ISREG(st->st_mode) || st->st_ctim.tv_sec >= before) continue;
    if (!wants(name)) continue;
    try {
      any = dir.unlink(name) || any;
    } catch (const Error& e) {
      log_warning(e.what());
    }
  }
  if (any) dir.sync();
}

// If the files for which `counts` is true have more than `most` bytes, removes
// the oldest of those for which `wants` is true until the rest fits.
void remove_most(const Dir& dir, std::int64_t most, const Asks& counts,
                 const Asks& wants) {
  // Change time, name, bytes.
  std::vector<std::tuple<std::int64_t, std::string, std::int64_t>> files;
  std::int64_t sum = 0;
  for (const auto& name : dir.names()) {
    if (!counts(name)) continue;
    const auto st = dir.stat(name);
    if (!st || !S_ISREG(st->st_mode)) continue;
    const std::int64_t size = st->st_blocks * 512;
    sum += size;
    files.emplace_back(st->st_ctim.tv_sec, name, size);
  }
  if (sum <= most) return;
  std::sort(files.begin(), files.end());
  std::size_t gone = 0;
  for (const auto& [when, name, size] : files) {
    if (sum <= most) break;
    try {
      if (!wants(name) || !dir.unlink(name)) continue;
      sum -= size;
      ++gone;
    } catch (const Error& e) {
      log_warning(e.what());
    }
  }
  if (gone == 0) return;
  dir.sync();
    log_warning(dir.path_of("") + ": removed the " + std::to_string(gone) +
                " oldest files early: there were more than " +
                std::to_string(most >> 20) + " MiB");
}

bool is_any(const std::string&) { return true; }

bool is_unfinished(const std::string& name) { return name.starts_with('.'); }

}  // namespace

void Sweep::unfinished() const {
  const Instant all = wall_now() + 10 * 365 * Instant{86400};
  for (const auto& path :
       {layout_.receipts, layout_.queue, layout_.active, layout_.bad,
        layout_.lib, layout_.history, layout_.application_history,
        layout_.cluster_history, layout_.state, layout_.log}) {
    remove_old(Dir(path), all, is_unfinished);
  }
  // A job is removed from active/ before its steps: these belong to no job.
  const Dir active(layout_.active);
  remove_old(active, all, [&active](const std::string& name) {
    const auto id = number_in(name, "", ".steps");
    return id && !active.exists(std::to_string(*id) + ".json");
  });
  const Dir state(layout_.state);
  for (const char* folder :
       {"hosts", "clusters", "applications", "server", "job"}) {
    if (!state.exists(folder)) continue;
    remove_old(Dir(state, folder), all, is_unfinished);
  }
}

void Sweep::run(const SweepSizes& most) const {
  receipts(most.receipts);
  logs(most.logs);
  locks();
  const Dir bad(layout_.bad);
  remove_old(bad, world_.now - kReceiptsKept, is_any);
  remove_most(bad, most.bad, is_any, is_any);
}

void Sweep::receipts(std::int64_t most) const {
  const Dir drops(layout_.drop);
  const Dir roots(layout_.drop_root);
  // The receipt of a running job may record a take-over that waits for it.
  const bool busy = !world_.jobs.empty();
  const Dir dir(layout_.receipts);
  const auto done = [&](const std::string& name) {
    if (!name.ends_with(".json")) return is_unfinished(name);
    const std::string token = name.substr(0, name.size() - 5);
    if (is_token(token) && (drops.exists(drop_name(token)) ||
                            roots.exists(drop_name(token)))) {
      return false;
    }
    if (!busy) return true;
    try {
      const auto receipt = read_receipt(dir, token);
      if (!receipt) return false;
      for (const auto& effect : receipt->effects) {
        if (world_.jobs.contains(int64_or(effect, "after_job", 0))) {
          return false;
        }
      }
    } catch (const JsonError&) {
      return false;  // recovery logs it
    } catch (const Error&) {
      return true;  // it cannot be read at all
    }
    return true;
  };
  remove_old(dir, world_.now - kReceiptsKept, done);
  remove_most(dir, most, is_any, done);
}

void Sweep::logs(std::int64_t most) const {
  const auto ended = [this](const std::string& name) {
    // The private log and a preview are removed with the log that people read.
    auto id = number_in(name, "", ".private.log");
    if (!id) id = number_in(name, "", kPreviewSuffix);
    if (!id) id = number_in(name, "", ".log");
    return id && !world_.jobs.contains(*id);
  };
  const Dir folder(layout_.log);
  remove_old(folder, world_.now - world_.config.keep_logs, ended);
  remove_most(folder, most, ended, ended);
}

void Sweep::locks() const {
  const Dir dir(layout_.lock);
  for (const auto& name : dir.names()) {
    const auto id = number_in(name, "job-", "");
    if (id && !world_.jobs.contains(*id) && !Lock::held(dir, name)) {
      dir.unlink(name);
    }
  }
}

}  // namespace berth::runner
