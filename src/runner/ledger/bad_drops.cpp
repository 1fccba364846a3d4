// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/ledger/bad_drops.hpp"

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "store/layout.hpp"

namespace berth::runner {
namespace {

constexpr std::size_t kNamesPerSweep = 2000;

void write(const Dir& bad, const std::string& name, std::string_view text) {
  AtomicFile file(bad, name, kReadableByWeb);
  file.write(text);
  file.commit(AtomicFile::Sync::cached);
}

}  // namespace

std::string BadDrops::identity(const std::string& name) const {
  const auto st = drop_.stat(name);
  if (!st) return "";
  // A new entry in a folder changes the folder's time, but makes it no drop.
  if (S_ISDIR(st->st_mode)) return std::to_string(st->st_ino);
  return std::to_string(st->st_ino) + "/" +
         std::to_string(st->st_ctim.tv_sec) + "." +
         std::to_string(st->st_ctim.tv_nsec);
}

bool BadDrops::noted(const std::string& name) const {
  const auto found = noted_.find(name);
  return found != noted_.end() && found->second == identity(name);
}

void BadDrops::note(const std::string& name, const BadDrop& what) {
  if (noted(name)) return;
  if (notes_ >= kMostNoted ||
      (noted_.size() >= kMostNoted && !noted_.contains(name))) {
    if (!flood_logged_) {
      log_warning("drop " + drop_.path() + ": more than " +
                  std::to_string(kMostNoted) + " invalid drops; the others "
                  "are not logged");
    }
    flood_logged_ = true;
    remove_old(name, before_);
    return;
  }
  ++notes_;
  noted_[name] = identity(name);
  const std::string folder =
      drop_.path().substr(drop_.path().rfind('/') + 1) + "/";
  log_warning(folder + printable(name) + ": skipped: " +
              printable(what.reason));
  // A name may contain any bytes, so the copy gets a name of ours.
  const std::string key = fingerprint(folder + name);
  try {
    write(bad_, key + ".reason",
          folder + printable(name, 300) + ": " + printable(what.reason, 500) +
              "\n");
    if (!what.copy.empty()) write(bad_, key + ".copy", what.copy);
  } catch (const Error& e) {
    log_error(e.what());  // a failed note must not stop us
  }
}

// Compares the change time, which only the kernel sets.
bool BadDrops::remove_old(const std::string& name, Instant before) {
  const auto st = drop_.stat(name);
  if (!st) return true;
  if (st->st_ctim.tv_sec >= before) return false;
  try {
    if (S_ISDIR(st->st_mode)) return drop_.remove_empty(name);
    drop_.unlink(name);
    return true;
  } catch (const Error& e) {
    log_warning(e.what());
    return false;
  }
}

void BadDrops::sweep(Instant before) {
  // An entry that has changed since is inspected again.
  std::erase_if(noted_, [&](const auto& entry) {
    return entry.second != identity(entry.first) ||
           remove_old(entry.first, before);
  });
  before_ = before;
  notes_ = 0;
  for (const auto& name : walk_.next(kNamesPerSweep)) {
    const auto st = drop_.stat(name);
    if (!token_of_drop(name) || (st && !S_ISREG(st->st_mode))) {
      remove_old(name, before);
    }
  }
  // While a flood continues, nothing more is logged.
  if (noted_.size() < kMostNoted / 2) flood_logged_ = false;
}

}  // namespace berth::runner
