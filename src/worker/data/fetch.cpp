// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/data/fetch.hpp"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <limits>

#include "base/text.hpp"
#include "worker/data/dump_toc.hpp"
#include "worker/data/fetched_size.hpp"
#include "worker/job/confined.hpp"
#include "worker/job/reason.hpp"
#include "worker/job/ssh_master.hpp"
#include "worker/job/stream.hpp"

namespace berth::worker {
namespace {

// Attempts that transfer something; one that transfers nothing is the last.
constexpr int kFetchAttempts = 5;
constexpr std::int64_t kFetchPause = 2000;  // ms between them
constexpr std::size_t kFetchErrorsKept = 64 * 1024;  // bytes of stderr

constexpr std::size_t kMostFilesListed = 2 * 1000 * 1000;

constexpr std::int64_t kConnectTime = 60 * 1000;  // ms; ssh gives up earlier

// Resolves the links, so that "latest" is the same dump during the whole fetch.
std::string real_path(const std::string& path) {
  char out[PATH_MAX];
  if (!::realpath(path.c_str(), out)) throw_errno("find the dump", path);
  return out;
}

class Fetch {
 public:
  Fetch(const Context& context, Report& report, Deadline deadline)
      : context_(context),
        report_(report),
        deadline_(deadline),
        dump_(context.application.dump),
        cache_(context.layout.cache),
        socket_(context.config.paths.run + "/" +
                std::to_string(context.job.id) + ".ssh"),
        master_(socket_) {
    while (dump_.ends_with('/')) dump_.pop_back();
    name_ = dump_.substr(dump_.rfind('/') + 1);
  }

  std::string run() {
    if (name_.empty() || name_ == "." ||
        name_.find_first_of("*?[\\") != std::string::npos) {
      throw Error("fetch", dump_, "must name one file or folder");
    }
    cache_.make(context_.application.name, 0700);
    const Dir folder(cache_, context_.application.name);
    allowed_ = confined_rsync(folder.path());
    const std::string away = connect();
    if (!away.empty()) throw Error("fetch", dump_, away);
    const Remote remote = list();
    remove_others(folder);
    const std::string path = folder.path_of(name_);
    require_room(remote, path);
    report_.log("fetching " + dump_ + ", " + size_text(remote.size));
    try {
      copy(remote, folder.path());
    } catch (const Overfull&) {
      empty(folder);
      throw;
    }
    struct stat st {};
    if (::lstat(path.c_str(), &st) != 0) {
      throw Error("fetch", dump_, "rsync succeeded but left no file");
    }
    return real_path(folder.path()) + "/" + name_;
  }

 private:
  // Opens the connection that rsync's ssh uses, with berth's key and
  // known_hosts, which rsync cannot read. Returns "", or why it failed.
  std::string connect() {
    const std::string& folder = context_.config.folder;
    std::string host = dump_.substr(0, dump_.find(":/"));
    if (host.starts_with('[') && host.ends_with(']')) {
      host = host.substr(1, host.size() - 2);
    }
    const auto refusal = master_.connect(
        {"ssh", "-F", folder + "/ssh_config", "-M", "-N", "-T",
         "-o", "ControlPath=" + socket_, "-o", "ControlPersist=no",
         "-o", "BatchMode=yes", "-o", "LogLevel=ERROR",
         "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15",
         "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4",
         "-o", "UserKnownHostsFile=" + folder + "/known_hosts", "--", host},
        confined_ssh(context_.config, context_.config.paths.run),
        context_.link,
        Deadline::in_ms(std::min(deadline_.left_ms(), kConnectTime)));
    if (!refusal) return "";
    const std::string reason = reason_in(refusal->errors);
    if (!reason.empty()) return reason;
    return refusal->status.empty() ? "the connection timed out"
                                   : refusal->status;
  }

  std::vector<std::string> rsync(const std::vector<std::string>& more,
                                 bool follow) const {
    if (socket_.find('\'') != std::string::npos) {
      throw Error("fetch", dump_, "the path " + socket_ + " contains a '");
    }
    // rsync splits this itself, at blanks outside of quotes. ProxyCommand keeps
    // ssh from opening another connection without the master.
    const std::string ssh = "ssh -F none -T -S '" + socket_ +
                            "' -o ControlMaster=no -o BatchMode=yes"
                            " -o LogLevel=ERROR -o ProxyCommand=false";
    std::vector<std::string> out = {
        "rsync", "--recursive", "--times", "--timeout=120",
        "--no-human-readable", "--8-bit-output", "-e", ssh};
    if (follow) out.push_back("--copy-links");
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }

  // Returns "", or why it failed.
  std::string call(const std::vector<std::string>& argv, const OnLine& on_line,
                   const std::function<void()>& on_tick = {}) {
    std::string errors;
    const ExitStatus status = run_streamed(
        argv, environment_with({{"LC_ALL", "C"}, {"RSYNC_RSH", ""}}),
        allowed_, context_.link, deadline_,
        [&](bool error, std::string_view line) {
          if (!error) return on_line(false, line);
          if (errors.size() < kFetchErrorsKept) {
            errors += std::string(line) + "\n";
          }
        },
        on_tick);
    if (status.ok()) return "";
    const std::string reason = reason_in(
        context_.link.mask()(master_.last_words()) + errors);
    if (allowed_.largest_file &&
        errors.find("File too large") != std::string::npos) {
      throw Overfull("fetch", dump_,
                     "stopped: the largest file that the host listed has " +
                         size_text(*allowed_.largest_file) +
                         ", but it sent a larger one (" + reason +
                         "); the fetched files were removed; refresh again "
                         "when nobody writes to the dump");
    }
    return reason.empty() ? status.text() : reason;
  }

  // A link to a dump is followed, a link in a dump is not. Therefore a folder
  // that is reached by a link is named with a slash at its end. Only a link to
  // a file needs --copy-links, which rrsync refuses.
  Remote list() {
    from_ = dump_;
    Remote out = list_once(name_, false);
    if (out.link) out = list_linked();
    if (!out.strange.empty()) {
      throw Error("fetch", dump_,
                  "contains " + printable(out.strange, 300) +
                      "; pg_dump does not write that: find out where the dump "
                      "comes from");
    }
    return out;
  }

  Remote list_linked() {
    try {
      from_ = dump_ + "/";
      return list_once(".", false);
    } catch (const Error&) {
      from_ = dump_;  // it does not lead to a folder
    }
    follow_ = true;
    Remote out;
    try {
      out = list_once(name_, true);
    } catch (const Error& error) {
      throw Error("fetch", dump_,
                  "is a link to a file, which the backup host does not follow "
                  "(" + error.cause() +
                      "); name the file, or link to a folder");
    }
    if (out.link) {
      throw Error("fetch", dump_, "is a link to a file that does not exist");
    }
    return out;
  }

  Remote list_once(const std::string& name, bool follow) {
    Remote out;
    bool found = false;
    std::size_t lines = 0;
    // These are not opened: rsync fails if it cannot read one, and a folder of
    // snapshots contains the whole disk many times.
    std::vector<std::string> options = {"--list-only"};
    for (const char* folder : kFoldersBeside) {
      options.push_back("--exclude=" + (name == "." ? "/" : "/" + name + "/") +
                        folder + "/");
    }
    options.insert(options.end(), {"--", from_});
    const std::string why =
        call(rsync(options, follow),
             [&](bool, std::string_view line) {
               if (++lines > kMostFilesListed) {
                 throw Error("fetch", dump_,
                             "the host lists more than " +
                                 std::to_string(kMostFilesListed) + " files");
               }
               found = add_listed(line, name, out) || found;
             });
    if (!why.empty()) throw Error("fetch", dump_, why);
    if (!found) throw Error("fetch", dump_, "the host does not list it");
    return out;
  }

  // Removes what an earlier `dump` of this application left; the folder belongs
  // to berth.
  void remove_others(const Dir& folder) const {
    for (const std::string& name : folder.names()) {
      if (name == name_) continue;
      std::error_code ignored;
      std::filesystem::remove_all(folder.path_of(name), ignored);
    }
  }

  static void empty(const Dir& folder) {
    for (const std::string& name : folder.names()) {
      std::error_code ignored;
      std::filesystem::remove_all(folder.path_of(name), ignored);
    }
  }

  void require_room(const Remote& remote, const std::string& path) const {
    const std::int64_t have = file_sum(path).bytes;
    const std::int64_t left = free_bytes(cache_.path());
    const std::int64_t needs = std::max<std::int64_t>(0, remote.size - have);
    if (left - needs < context_.config.disk_floor) {
      throw Error("fetch", dump_,
                  "needs " + size_text(needs) + " in " + cache_.path() +
                      ": " + size_text(left) + " are free and " +
                      size_text(context_.config.disk_floor) +
                      " must remain free (console's disk_floor)");
    }
  }

  void copy(const Remote& remote, const std::string& folder) {
    std::vector<std::string> options = {"--inplace", "--partial",
                                        "--info=progress2"};
    const bool content = from_.ends_with('/');
    if (remote.folder) {
      options.push_back("--delete-excluded");
      // The folder itself, but no folder in it.
      if (!content) options.push_back("--include=/" + name_ + "/");
      for (const std::string& file : patterns_of_dump()) {
        options.push_back("--include=" + file);
      }
      options.push_back("--exclude=*");
    }
    allowed_.largest_file = remote.largest;
    FetchedSize size(dump_, folder, {remote.size, remote.entries},
                     context_.config.disk_floor);
    options.insert(options.end(),
                   {"--", from_, folder + "/" + (content ? name_ + "/" : "")});
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
          },
          [&] { size.look(); });
      if (why.empty()) return size.look_at_all();
      if (moved == 0 || attempt == kFetchAttempts) {
        throw Error("fetch", dump_, why);
      }
      report_.log("interrupted after " + size_text(moved) + ": " + why +
                  "; resuming");
      context_.link.sleep(kFetchPause);
      // If this fails, the next rsync reports why.
      if (!master_.connected()) connect();
    }
  }

  const Context& context_;
  Report& report_;
  Deadline deadline_;
  std::string dump_;
  std::string name_;
  Dir cache_;
  std::string socket_;
  SshMaster master_;
  Confinement allowed_;
  std::string from_;  // rsync's source
  bool follow_ = false;
};

// Why an entry of the folder is refused, by its kind in the list; rsync shows a
// control character as \#012.
std::string fault_below(char kind, const std::string& name) {
  if (kind != '-') return "which is not a regular file";
  return fault_of_name(name.find("\\#") == std::string::npos ? name : "\n");
}

}  // namespace

std::string fetch_dump(const Context& context, Report& report,
                       Deadline deadline) {
  const std::string& dump = context.application.dump;
  if (dump.empty()) {
    throw Error("refresh", context.application.name,
                "it has no dump in berth.conf");
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

// "-rw-r--r--        1155652 2026/11/22 21:57:36 shop.dump"; a name can contain
// blanks, and begins with the folder if it is in one.
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
  const bool itself =
      listed == name || listed.starts_with(name + " -> ");
  const bool below = name == "." ? !itself : listed.starts_with(name + "/");
  if (!itself && !below) return false;
  if (itself && words[0][0] == 'l') out.link = true;
  if (itself && words[0][0] == 'd') out.folder = true;
  if (below) {
    const std::string base(
        name == "." ? listed : listed.substr(name.size() + 1));
    const std::string fault = fault_below(words[0][0], base);
    if (!fault.empty() && out.strange.empty()) {
      out.strange = std::string(listed.substr(0, listed.find(" -> "))) +
                    ", " + fault;
    }
    if (!is_file_of_dump(base)) return true;  // it is not fetched
  }
  out.entries = sum_of(out.entries, 1);
  if (words[0][0] == '-') {
    const std::int64_t size = whole_number(words[1]).value_or(0);
    out.size = sum_of(out.size, size);
    out.largest = std::max(out.largest, size);
  }
  return true;
}

std::int64_t progress_bytes(std::string_view line) {
  if (line.find('%') == std::string_view::npos) return 0;
  line = trimmed(line);
  const std::int64_t out = take_number(line).value_or(0);
  return line.starts_with(' ') ? out : 0;
}

}  // namespace berth::worker
