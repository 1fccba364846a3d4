// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/bad_drops.hpp"

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "store/layout.hpp"

namespace berth::runner {
namespace {

// A flood of rubbish fills neither our memory nor bad/.
constexpr std::size_t kMostNoted = 1000;

void write(const Dir& bad, const std::string& name, std::string_view text) {
  AtomicFile file(bad, name, kReadableByWeb);
  file.write(text);
  file.commit(AtomicFile::Sync::cached);
}

}  // namespace

std::string BadDrops::identity(const std::string& name) const {
  const auto st = drop_.stat(name);
  if (!st) return name;
  return name + "/" + std::to_string(st->st_ino) + "/" +
         std::to_string(st->st_ctim.tv_sec) + "." +
         std::to_string(st->st_ctim.tv_nsec);
}

bool BadDrops::noted(const std::string& name) const {
  return noted_.contains(identity(name));
}

void BadDrops::note(const std::string& name, const BadDrop& what) {
  if (noted_.size() >= kMostNoted) {
    if (!told_of_flood_) {
      log_warning("drop " + drop_.path() + ": too much that is no drop; the "
                  "rest is skipped without a note");
    }
    told_of_flood_ = true;
    return;
  }
  if (!noted_.insert(identity(name)).second) return;
  log_warning("drop " + printable(name) + ": skipped: " +
              printable(what.reason));
  // Any bytes may stand in a name: the copy gets one of ours.
  const std::string key = fingerprint(name);
  try {
    write(bad_, key + ".reason",
          "drop/" + printable(name, 300) + ": " + printable(what.reason, 500) +
              "\n");
    if (!what.copy.empty()) write(bad_, key + ".copy", what.copy);
  } catch (const Error& e) {
    log_error(e.what());  // a note is worth no stop
  }
}

void BadDrops::sweep(Instant before) {
  std::set<std::string> still;
  for (const auto& name : drop_.names()) {
    const bool unfinished = name.starts_with('.');
    const std::string id = identity(name);
    if (!unfinished && !noted_.contains(id)) continue;
    const auto st = drop_.stat(name);
    // By the change time: nobody but the kernel sets it.
    if (st && S_ISREG(st->st_mode) && st->st_ctim.tv_sec < before) {
      drop_.unlink(name);
    } else if (!unfinished) {
      still.insert(id);
    }
  }
  noted_ = std::move(still);
  told_of_flood_ = false;
}

}  // namespace berth::runner
