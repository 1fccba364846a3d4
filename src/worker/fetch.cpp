// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/fetch.hpp"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <charconv>
#include <filesystem>

#include "base/text.hpp"
#include "worker/reason.hpp"
#include "worker/stream.hpp"

namespace berth::worker {
namespace {

constexpr int kFetchAttempts =
    5;  // that moved bytes; one that moves none ends it
constexpr std::int64_t kFetchPause = 2000;  // ms between them
constexpr std::size_t kFetchErrorsKept = 64 * 1024;  // bytes of stderr

class Fetch {
 public:
  Fetch(const Context& context, Report& report, Deadline deadline)
      : context_(context),
        report_(report),
        deadline_(deadline),
        dump_(context.application.dump),
        cache_(context.layout.cache) {
    while (dump_.ends_with('/')) dump_.pop_back();
    name_ = dump_.substr(dump_.rfind('/') + 1);
  }

  std::string run() {
    if (name_.empty() || name_ == "." ||
        name_.find_first_of("*?[\\") != std::string::npos) {
      throw Error("fetch", dump_, "must name one file or folder");
    }
    const Remote remote = list();
    cache_.make(context_.application.name, 0700);
    const Dir folder(cache_, context_.application.name);
    remove_others(folder);
    const std::string path = folder.path_of(name_);
    require_room(remote, path);
    report_.log("fetching " + dump_ + ", " + size_text(remote.size));
    copy(remote, folder.path());
    struct stat st {};
    if (::stat(path.c_str(), &st) != 0) {
      throw Error("fetch", dump_, "rsync ended well and left nothing");
    }
    return path;
  }

 private:
  std::vector<std::string> rsync(const std::vector<std::string>& more,
                                 bool follow) const {
    const std::string& folder = context_.config.folder;
    if (folder.find('\'') != std::string::npos) {
      throw Error("fetch", dump_, "a ' in berth.conf's folder");
    }
    // rsync takes this apart by itself, at blanks outside of quotes.
    const std::string ssh =
        "ssh -F '" + folder + "/ssh_config' -T -o BatchMode=yes"
        " -o LogLevel=ERROR -o StrictHostKeyChecking=yes -o ConnectTimeout=15"
        " -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
        " -o 'UserKnownHostsFile=" + folder + "/known_hosts'";
    std::vector<std::string> out = {
        "rsync", "--recursive", "--times", "--timeout=120",
        "--no-human-readable", "-e", ssh};
    if (follow) out.push_back("--copy-links");
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  // Returns why when it failed, empty when it did not.
  std::string call(const std::vector<std::string>& argv,
                   const OnLine& on_line) {
    std::string errors;
    const ExitStatus status = run_streamed(
        argv, environment_with({{"LC_ALL", "C"}, {"RSYNC_RSH", ""}}),
        context_.link, deadline_, [&](bool error, std::string_view line) {
          if (!error) return on_line(false, line);
          if (errors.size() < kFetchErrorsKept) {
            errors += std::string(line) + "\n";
          }
        });
    if (status.ok()) return "";
    const std::string reason = reason_in(errors);
    return reason.empty() ? status.text() : reason;
  }

  Remote list() {
    Remote out = list_once(false);
    follow_ = out.link;
    if (out.link) out = list_once(true);
    if (out.link) {
      throw Error("fetch", dump_, "is a link that leads to nothing");
    }
    return out;
  }

  Remote list_once(bool follow) {
    Remote out;
    bool found = false;
    const std::string why =
        call(rsync({"--list-only", "--", dump_}, follow),
             [&](bool, std::string_view line) {
               found = add_listed(line, name_, out) || found;
             });
    if (!why.empty()) throw Error("fetch", dump_, why);
    if (!found) throw Error("fetch", dump_, "the host lists nothing there");
    return out;
  }

  // What an earlier `dump` of this application left; berth's own folder.
  void remove_others(const Dir& folder) const {
    for (const std::string& name : folder.names()) {
      if (name == name_) continue;
      std::error_code ignored;
      std::filesystem::remove_all(folder.path_of(name), ignored);
    }
  }

  void require_room(const Remote& remote, const std::string& path) const {
    std::int64_t have = 0;
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) {
      have = static_cast<std::int64_t>(std::filesystem::file_size(path, error));
    } else {
      for (const auto& entry :
           std::filesystem::recursive_directory_iterator(path, error)) {
        if (entry.is_regular_file()) {
          have += static_cast<std::int64_t>(entry.file_size());
        }
      }
    }
    struct statvfs disk {};
    if (::statvfs(cache_.path().c_str(), &disk) != 0) {
      throw_errno("look at the disk of", cache_.path());
    }
    const auto left = static_cast<std::int64_t>(disk.f_bavail * disk.f_frsize);
    const std::int64_t needs = std::max<std::int64_t>(0, remote.size - have);
    if (left - needs < context_.config.disk_floor) {
      throw Error("fetch", dump_,
                  "needs " + size_text(needs) + " in " + cache_.path() +
                      ", where " + size_text(left) + " are free and " +
                      size_text(context_.config.disk_floor) +
                      " stay so (console's disk_floor)");
    }
  }

  void copy(const Remote& remote, const std::string& folder) {
    std::vector<std::string> options = {"--inplace", "--partial",
                                        "--info=progress2"};
    if (remote.folder) options.push_back("--delete");
    options.insert(options.end(), {"--", dump_, folder + "/"});
    for (int attempt = 1;; ++attempt) {
      std::int64_t moved = 0;
      Progress progress;
      progress.unit = "bytes";
      progress.total = remote.size;
      const std::string why = call(
          rsync(options, follow_), [&](bool, std::string_view line) {
            const std::int64_t bytes = progress_bytes(line);
            if (bytes == 0) return;
            moved = std::max(moved, bytes);
            progress.done = std::min(moved, remote.size);
            report_.progress(progress);
          });
      if (why.empty()) return;
      if (moved == 0 || attempt == kFetchAttempts) {
        throw Error("fetch", dump_, why);
      }
      report_.log("broke off after " + size_text(moved) + ": " + why +
                  "; going on");
      context_.link.sleep(kFetchPause);
    }
  }

  const Context& context_;
  Report& report_;
  Deadline deadline_;
  std::string dump_;
  std::string name_;
  Dir cache_;
  bool follow_ = false;
};

// Without its links, so that "latest" means one dump from the first look to
// the last.
std::string real_path(const std::string& path) {
  char out[PATH_MAX];
  if (!::realpath(path.c_str(), out)) throw_errno("find the dump", path);
  return out;
}

}  // namespace

std::string fetch_dump(const Context& context, Report& report,
                       Deadline deadline) {
  const std::string& dump = context.application.dump;
  if (dump.empty()) {
    throw Error("refresh", context.application.name,
                "berth.conf does not say where its dump is");
  }
  if (dump.starts_with('/')) return real_path(dump);
  return Fetch(context, report, deadline).run();
}

std::string size_text(std::int64_t bytes) {
  static const char* const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  std::int64_t whole = bytes, tenths = 0;
  while (whole >= 1024 && unit + 1 < std::size(units)) {
    tenths = whole % 1024 * 10 / 1024;
    whole /= 1024;
    ++unit;
  }
  std::string out = std::to_string(whole);
  if (unit > 0 && whole < 10) out += "." + std::to_string(tenths);
  return out + " " + units[unit];
}

// "-rw-r--r--        1155652 2026/11/22 21:57:36 shop.dump", where a name
// may hold blanks, and what is below a folder has it in front.
bool add_listed(std::string_view line, const std::string& name, Remote& out) {
  std::size_t at = 0;
  std::string_view words[4];
  for (auto& word : words) {
    at = line.find_first_not_of(' ', at);
    if (at == std::string_view::npos) return false;
    const std::size_t end = std::min(line.find(' ', at), line.size());
    word = line.substr(at, end - at);
    at = end;
  }
  if (words[0].size() != 10 || at + 1 >= line.size()) return false;
  const std::string_view listed = line.substr(at + 1);
  if (listed != name && !listed.starts_with(name + "/") &&
      !listed.starts_with(name + " -> ")) {
    return false;
  }
  std::int64_t size = 0;
  std::from_chars(words[1].data(), words[1].data() + words[1].size(), size);
  if (words[0][0] == '-') out.size += size;
  if (words[0][0] == 'l') out.link = true;
  if (words[0][0] == 'd') out.folder = true;
  return true;
}

std::int64_t progress_bytes(std::string_view line) {
  const std::size_t at = line.find_first_not_of(' ');
  if (at == std::string_view::npos ||
      line.find('%') == std::string_view::npos) {
    return 0;
  }
  std::int64_t out = 0;
  const auto [end, error] =
      std::from_chars(line.data() + at, line.data() + line.size(), out);
  return error == std::errc() && end != line.data() + line.size() &&
                 *end == ' '
             ? out
             : 0;
}

}  // namespace berth::worker
