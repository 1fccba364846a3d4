// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ledger/accept.hpp"

#include <sys/statvfs.h>

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "runner/decide/decide.hpp"

namespace berth::runner {
namespace {

constexpr std::int64_t kRescan = 30'000;   // ms
constexpr std::int64_t kAcceptTurn = 100;  // ms of work before others
constexpr std::int64_t kAfterTrouble = 1000;

bool below_floor(const Dir& dir, std::int64_t floor) {
  struct statvfs fs {};
  if (::fstatvfs(dir.fd(), &fs) != 0) throw_errno("statvfs", dir.path());
  return static_cast<std::int64_t>(fs.f_bavail * fs.f_frsize) < floor;
}

// True if the receipt is of this very request; one of root's counts only for
// root's own drop.
bool is_of(const Receipt& receipt, const Drop& drop) {
  return receipt.request == request_fingerprint(drop) &&
         receipt.user == drop.user &&
         (!is_roots(drop.action) || drop.by_root);
}

}  // namespace

Acceptor::Acceptor(const Layout& layout, World& world, Ledger& ledger,
                   uid_t web_uid)
    : world_(world),
      ledger_(ledger),
      inboxes_{{{layout.drop_root, layout.bad, 0, true},
                {layout.drop, layout.bad, web_uid, false}}},
      receipts_(layout.receipts) {}

void Acceptor::look() {
  for (Inbox& inbox : inboxes_) inbox.look();
}

void Acceptor::recover() {
  std::vector<std::pair<Inbox*, std::string>> again;
  std::vector<Receipt> idle;
  for (const auto& token : list_receipts(receipts_)) {
    std::optional<Receipt> receipt;
    try {
      receipt = read_receipt(receipts_, token);
    } catch (const NewerFormat& e) {
      throw Error("read receipt", receipts_.path_of(drop_name(token)),
                  e.what());
    } catch (const JsonError& e) {
      // This concerns one request. Its drop, if it still exists, is noted as
      // one that cannot be decided (take).
      log_error("receipt " + receipts_.path_of(drop_name(token)) + ": " +
                e.what());
      continue;
    } catch (const Error& e) {
      // Too large, or a broken disk: this concerns one request.
      log_error(e.what());
      finished_.insert(token);
      continue;
    }
    if (!receipt) continue;
    if (receipt->job) {
      world_.last_number = std::max(world_.last_number, *receipt->job);
    }
    ledger_.load_transfer(*receipt);
    bool waits = false;
    for (Inbox& inbox : inboxes_) {
      if (!inbox.dir().exists(drop_name(token))) continue;
      again.emplace_back(&inbox, token);
      waits = true;
    }
    if (!waits) finished_.insert(token);
    if (!waits && receipt->effects.empty()) idle.push_back(*receipt);
  }
  std::sort(idle.begin(), idle.end(),
            [](const Receipt& a, const Receipt& b) { return a.at < b.at; });
  for (const Receipt& one : idle) idle_.note(one, receipts_, finished_);
  ledger_.carry_on();
  for (const auto& [inbox, token] : again) take(*inbox, token);
}

Inbox* Acceptor::next() {
  if (troubled_) return troubled_;
  for (Inbox& inbox : inboxes_) {
    if (inbox.fill() && inbox.front()) return &inbox;
  }
  return nullptr;
}

bool Acceptor::more() {
  return std::any_of(inboxes_.begin(), inboxes_.end(),
                     [](Inbox& inbox) { return inbox.fill(); });
}

bool Acceptor::tend(std::int64_t now_ms) {
  if (now_ms < not_before_) return false;
  const std::int64_t end = monotonic_ms() + kAcceptTurn;
  try {
    if (now_ms >= next_scan_) {
      next_scan_ = now_ms + kRescan;
      look();
    }
    Inbox* inbox = nullptr;
    while (monotonic_ms() < end && (inbox = next())) {
      troubled_ = inbox;
      take(*inbox, *inbox->front());
      inbox->pop();
      troubled_ = nullptr;
    }
    if (!trouble_.empty()) log_info("accepting drops again");
    trouble_.clear();
    return more();
  } catch (const Error& e) {
    if (trouble_ != e.what()) log_error(e.what());
    trouble_ = e.what();
    not_before_ = now_ms + kAfterTrouble;
    return false;
  }
}

Receipt Acceptor::decided(const Drop& drop) {
  world_.now = wall_now();
  world_.disk_low = below_floor(receipts_, world_.config.disk_floor);
  Receipt receipt =
      decide(world_, drop, [this] { return ledger_.next_number(); });
  // Its history line would be taken for the old one's and not be written.
  if (ledger_.has_effects_of(receipt)) {
    receipt.accepted = false;
    receipt.status = 409;
    receipt.detail =
        "Idempotency-Key already used for another request; choose a new key";
    receipt.effects.clear();
    receipt.extra.clear();
    receipt.job.reset();
  }
  write_receipt(receipts_, receipt);  // the instant of acceptance
  if (!receipt.effects.empty() && !drop.by_root) {
    world_.recent.note(drop.user, world_.now);
  }
  log_info(drop.user + ": " + drop.action + " " + drop.target + ": " +
           std::to_string(receipt.status) + " " +
           printable(receipt.detail, 400));
  return receipt;
}

void Acceptor::take(Inbox& inbox, const std::string& token) {
  if (finished_.contains(token)) {
    if (receipts_.exists(drop_name(token))) {
      done(inbox, token);
      return;
    }
    finished_.erase(token);  // its seven days are over: a new request
  }
  std::optional<Receipt> receipt;
  try {
    receipt = read_receipt(receipts_, token);
  } catch (const JsonError& e) {
    // It was decided, but its receipt is unreadable: it is not decided again.
    return inbox.bad_drops().note(
        drop_name(token),
        {std::string("has a receipt that cannot be read: ") + e.what(), ""});
  }
  if (!receipt && stopped_) return;
  const ReadDrop read = read_drop(inbox.folder(), token);
  if (read.gone) return;
  if (!read.drop) return inbox.bad_drops().note(drop_name(token), read.bad);
  if (receipt) {
    // A name proves nothing: any process of the web side may create an entry
    // that is named like an old receipt, to have it applied once more.
    if (!is_of(*receipt, *read.drop)) {
      return inbox.bad_drops().note(
          drop_name(token), {"is not what its receipt was given for", ""});
    }
    receipts_.sync();  // what we read may not be durable yet
  } else {
    idle_.forget(token);
    receipt = decided(*read.drop);
  }
  ledger_.apply(*receipt);
  if (done(inbox, token)) idle_.note(*receipt, receipts_, finished_);
}

void Acceptor::forget_swept() {
  std::set<std::string> kept;
  for (auto& token : list_receipts(receipts_)) {
    if (finished_.contains(token)) kept.insert(std::move(token));
  }
  finished_ = std::move(kept);
}

void Acceptor::sweep_rubbish(Instant before) {
  for (Inbox& inbox : inboxes_) inbox.bad_drops().sweep(before);
}

bool Acceptor::done(Inbox& inbox, const std::string& token) {
  // Something was planted under the name of a completed drop: it cannot be
  // unlinked, and must not delay all others.
  const auto st = inbox.dir().stat(drop_name(token));
  if (st && S_ISDIR(st->st_mode)) {
    inbox.bad_drops().note(drop_name(token), {"is a directory", ""});
    return false;
  }
  inbox.dir().unlink(drop_name(token));
  inbox.dir().sync();
  finished_.insert(token);
  return true;
}

}  // namespace berth::runner
