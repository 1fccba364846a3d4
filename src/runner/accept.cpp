// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/accept.hpp"

#include <sys/statvfs.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "runner/decide.hpp"

namespace berth::runner {
namespace {

constexpr std::int64_t kRescan = 30'000;   // ms
constexpr std::int64_t kAcceptTurn = 100;  // ms of work before others
constexpr std::int64_t kAfterTrouble = 1000;

std::string drop_file(const std::string& token) {
  return token + ".json";
}

bool below_floor(const Dir& dir, std::int64_t floor) {
  struct statvfs fs {};
  if (::fstatvfs(dir.fd(), &fs) != 0) throw_errno("statvfs", dir.path());
  return static_cast<std::int64_t>(fs.f_bavail * fs.f_frsize) < floor;
}

// The receipt of this very request, and root's only for root's own drop.
bool is_of(const Receipt& receipt, const Drop& drop) {
  return receipt.request == request_fingerprint(drop) &&
         receipt.user == drop.user &&
         (!is_roots(drop.action) || drop.owner == 0);
}

}  // namespace

Acceptor::Acceptor(const Layout& layout, World& world, Ledger& ledger,
                   uid_t web_uid)
    : world_(world),
      ledger_(ledger),
      spool_drop_(layout.drop),
      receipts_(layout.receipts),
      bad_(layout.bad),
      bad_drops_(spool_drop_, bad_),
      web_uid_(web_uid) {}

void Acceptor::recover() {
  const auto drops = list_drops(spool_drop_).tokens;
  const std::set<std::string> waiting(drops.begin(), drops.end());
  std::vector<std::string> again;
  for (const auto& token : list_receipts(receipts_)) {
    std::optional<Receipt> receipt;
    try {
      receipt = read_receipt(receipts_, token);
    } catch (const JsonError& e) {
      throw Error("read receipt", receipts_.path_of(drop_file(token)),
                  e.what());
    } catch (const Error& e) {
      // Too large, or a broken disk: that one request's trouble.
      log_error(e.what());
      finished_.insert(token);
      continue;
    }
    if (!receipt) continue;
    if (receipt->job) {
      world_.last_number = std::max(world_.last_number, *receipt->job);
    }
    ledger_.load_transfer(*receipt);
    if (waiting.contains(token)) {
      again.push_back(token);
    } else {
      finished_.insert(token);
    }
  }
  ledger_.carry_on();
  for (const auto& token : again) take(token);
}

bool Acceptor::tend(std::int64_t now_ms) {
  if (now_ms < not_before_) return false;
  const std::int64_t end = monotonic_ms() + kAcceptTurn;
  try {
    if (look_ || now_ms >= next_scan_) {
      next_scan_ = now_ms + kRescan;
      look_ = false;
      scan();
    }
    while (!pending_.empty() && monotonic_ms() < end) {
      take(pending_.front());
      pending_.pop_front();
    }
    if (!trouble_.empty()) log_info("drops are accepted again");
    trouble_.clear();
  } catch (const Error& e) {
    // The drop stays and is tried again, before any other: what it changes
    // may be on disk in part.
    if (trouble_ != e.what()) log_error(e.what());
    trouble_ = e.what();
    not_before_ = now_ms + kAfterTrouble;
    return false;
  }
  return !pending_.empty();
}

// In order of arrival, as far as the file system knows it.
void Acceptor::scan() {
  const DropNames names = list_drops(spool_drop_);
  for (const auto& name : names.strangers) {
    bad_drops_.note(name, {"is not named like a drop (TOKEN.json)", ""});
  }
  std::vector<std::pair<std::int64_t, std::string>> found;
  const std::string first = pending_.empty() ? "" : pending_.front();
  for (const auto& token : names.tokens) {
    const auto st = spool_drop_.stat(drop_file(token));
    if (!st || token == first || bad_drops_.noted(drop_file(token))) continue;
    found.emplace_back(std::int64_t{st->st_mtim.tv_sec} * 1'000'000'000 +
                           st->st_mtim.tv_nsec,
                       token);
  }
  std::sort(found.begin(), found.end());
  pending_.clear();
  if (!first.empty()) pending_.push_back(first);
  for (auto& [at, token] : found) pending_.push_back(std::move(token));
}

Receipt Acceptor::decided(const Drop& drop) {
  world_.now = wall_now();
  world_.disk_low = below_floor(spool_drop_, world_.config.disk_floor);
  Receipt receipt =
      decide(world_, drop, [this] { return ledger_.next_number(); });
  write_receipt(receipts_, receipt);  // the instant of acceptance
  log_info(drop.user + ": " + drop.action + " " + drop.target + ": " +
           std::to_string(receipt.status) + " " +
           printable(receipt.detail, 400));
  return receipt;
}

void Acceptor::take(const std::string& token) {
  if (finished_.contains(token)) {
    if (receipts_.exists(drop_file(token))) return done(token);
    finished_.erase(token);  // its seven days are over: a new submission
  }
  auto receipt = read_receipt(receipts_, token);
  if (!receipt && stopped_) return;
  const ReadDrop read = read_drop(spool_drop_, token, web_uid_);
  if (read.gone) return;
  if (!read.drop) return bad_drops_.note(drop_file(token), read.bad);
  if (receipt) {
    // A name alone proves nothing: anybody of the web may plant an entry that
    // is called like an old receipt, to have it applied once more.
    if (!is_of(*receipt, *read.drop)) {
      return bad_drops_.note(drop_file(token),
                             {"is not what its receipt was given for", ""});
    }
    receipts_.sync();  // what we see may not be durable yet
  } else {
    receipt = decided(*read.drop);
  }
  ledger_.apply(*receipt);
  done(token);
}

void Acceptor::forget_swept() {
  std::set<std::string> kept;
  for (auto& token : list_receipts(receipts_)) {
    if (finished_.contains(token)) kept.insert(std::move(token));
  }
  finished_ = std::move(kept);
}

void Acceptor::done(const std::string& token) {
  // Something planted under the name of what is done: it cannot be unlinked
  // and must not hold up everybody else.
  const auto st = spool_drop_.stat(drop_file(token));
  if (st && S_ISDIR(st->st_mode)) {
    return bad_drops_.note(drop_file(token), {"is a directory", ""});
  }
  spool_drop_.unlink(drop_file(token));
  spool_drop_.sync();
  finished_.insert(token);
}

}  // namespace berth::runner
