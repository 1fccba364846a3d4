// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/findings.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <set>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "model/secret.hpp"
#include "store/enrolment.hpp"
#include "store/layout.hpp"

namespace berth::ctl {
namespace {

constexpr std::size_t kLargestTemplate = 1 << 20;  // as the worker's
constexpr std::size_t kLargestSecret = 64 * 1024;  // as the worker's
constexpr int kDeepest = 16;                       // as the worker's

std::string octal(mode_t mode) {
  std::string out;
  for (mode &= 07777; mode != 0; mode >>= 3) {
    out.insert(out.begin(), static_cast<char>('0' + (mode & 7)));
  }
  return "0" + out;
}

// What a secret's file has that is probably not part of the value.
std::string beside_value(std::string_view secret) {
  if (secret.find('\r') != std::string_view::npos) {
    return "has carriage returns, as editors on Windows write them";
  }
  return essence(secret).size() == secret.size()
             ? ""
             : "has blanks, newlines or a byte order mark around the value";
}

class Look {
 public:
  Look(const Config& config, const Owners& owners)
      : config_(config), owners_(owners) {}

  Findings all() {
    configuration();
    accounts();
    guests();
    folders();
    ssh();
    for (const auto& [name, application] : config_.applications) {
      templates(name);
      secrets(name);
      if (!password_in(application.repository).empty()) {
        problem(config_.file, "application." + name + ": the repository "
                              "contains a password, which everybody may read; "
                              "store it where git or svn of berth and of the "
                              "guest's user look for it");
      }
      if (application.verify) certificate(application.verify->ca);
    }
    for (const std::string& text : guest_file_problems(config_)) {
      problem(config_.folder + "/guest", text);
    }
    for (const Findings& more :
         {check_data(config_, owners_), check_logins(config_),
          check_apache(config_), check_roles(config_),
          check_clusters(config_)}) {
      findings_.insert(findings_.end(), more.begin(), more.end());
    }
    return std::move(findings_);
  }

 private:
  void problem(const std::string& path, const std::string& text) {
    findings_.push_back({true, path + ": " + text});
  }
  void note(const std::string& path, const std::string& text) {
    findings_.push_back({false, path + ": " + text});
  }

  // Everybody may read it: a password in it is refused elsewhere.
  void configuration() {
    if (!config_.file.empty()) kept(config_.file);
    for (const char* name : {"conf.d", "guest"}) {
      const std::string path = config_.folder + "/" + name;
      struct stat status {};
      if (::stat(path.c_str(), &status) != 0) continue;
      try {
        kept(path);
        for (const auto& file : Dir(path).names()) kept(path + "/" + file);
      } catch (const Error& error) {
        problem(path, error.cause());
      }
    }
  }

  void kept(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return;
    trusted(path, status);
    readable(path, status);
  }

  void accounts() {
    if (!owners_.runner_group) {
      problem("group berth", "no such group; run systemd-sysusers");
    }
    if (!::getpwnam(config_.web_user.c_str())) {
      problem("web_user " + config_.web_user,
              "no such user; set it to the user that Apache runs as");
    }
  }

  // A server from an image is not enrolled by an administrator's session, whose
  // address could be used instead of the missing one.
  void guests() {
    if (!config_.guest_from.empty()) return;
    for (const auto& [name, host] : config_.hosts) {
      if (host.images.empty()) continue;
      note("guest_from", "missing: a server that is provisioned on " + name +
                             " accepts berth's key from any address; set it "
                             "in [console] to the console's address, or to "
                             "\"any\"");
      return;
    }
  }

  void folders() {
    const auto& p = config_.paths;
    for (const std::string& path : {p.spool, Layout(p).drop_root, p.lib, p.log,
                                    p.run, p.cache}) {
      struct stat status {};
      if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        problem(path, "no such folder; run systemd-tmpfiles --create");
      }
    }
  }

  // A file that a program of ours trusts must be writable for an admin only.
  void trusted(const std::string& path, const struct stat& status) {
    if (status.st_uid != owners_.admin) {
      problem(path, "belongs to uid " + std::to_string(status.st_uid) +
                        ", not to root; chown it");
    }
    if ((status.st_mode & 022) != 0) {
      problem(path, "others may write it (mode " + octal(status.st_mode) +
                        "); chmod go-w");
    }
  }

  void ssh() {
    if (config_.applications.empty()) return;
    for (const char* name : {"ssh_config", "known_hosts"}) {
      const std::string path = config_.folder + "/" + name;
      struct stat status {};
      if (::stat(path.c_str(), &status) != 0) {
        problem(path,
                "missing: builds cannot reach a guest without it; create it "
                "with touch");
        continue;
      }
      trusted(path, status);
      readable(path, status);
    }
  }

  // Checks that berth can read a file without secrets.
  void readable(const std::string& path, const struct stat& status) {
    const bool by_group = owners_.runner_group &&
                          status.st_gid == *owners_.runner_group &&
                          (status.st_mode & 040) != 0;
    if ((status.st_mode & 004) == 0 && !by_group) {
      problem(path, "berth cannot read it (mode " + octal(status.st_mode) +
                        "); chmod a+r, it contains no secrets");
    }
  }

  void templates(const std::string& application) {
    const std::string path = config_.folder + "/templates/" + application;
    try {
      named_.clear();
      struct stat status {};
      if (::lstat(path.c_str(), &status) != 0) {
        return note(path, "no templates: a build of " + application +
                              " renders no files");
      }
      trusted(path, status);
      template_folder(Dir(path), 0);
    } catch (const Error& error) {
      problem(path, error.cause());
    }
  }

  void template_folder(const Dir& folder, int depth) {
    if (depth > kDeepest) {
      return problem(folder.path(), "folders are nested too deeply");
    }
    for (const auto& name : folder.names()) {
      if (name.front() == '.' || name.back() == '~' || name == "README") {
        continue;
      }
      const std::string path = folder.path_of(name);
      const auto status = folder.stat(name);
      if (!status) continue;
      if (S_ISDIR(status->st_mode)) {
        trusted(path, *status);
        template_folder(Dir(folder, name), depth + 1);
      } else if (!S_ISREG(status->st_mode) || !name.ends_with(".tpl")) {
        problem(path, "not a template; name it *.tpl, or move it elsewhere");
      } else {
        trusted(path, *status);
        const auto text = folder.read(name, kLargestTemplate).value_or("");
        for (const auto& secret : secrets_named(text)) named_.insert(secret);
      }
    }
  }

  void secrets(const std::string& application) {
    const std::string path = config_.folder + "/secrets/" + application;
    std::set<std::string> there;
    struct stat status {};
    try {
      if (::lstat(path.c_str(), &status) == 0) {
        secret(path, status, 0750);
        const Dir folder(path);
        for (const auto& name : folder.names()) {
          there.insert(name);
          const auto file = folder.stat(name);
          if (!file) continue;
          if (S_ISREG(file->st_mode) || S_ISLNK(file->st_mode)) {
            secret(folder.path_of(name), *file, 0640);
          } else if (is_secret(name)) {
            problem(folder.path_of(name),
                    "is no file, so that jobs of the application fail; move it "
                    "elsewhere");
          }
          if (S_ISREG(file->st_mode)) hidden(folder, name, application);
        }
      }
    } catch (const Error& error) {
      problem(path, error.cause());
    }
    for (const auto& name : named_) {
      if (there.count(name) == 0) {
        problem(path + "/" + name,
                "missing: a template uses {{secret." + name + "}}");
      }
    }
  }

  // Whether the worker reads them.
  static bool is_secret(const std::string& name) {
    return name.front() != '.' && name.back() != '~';
  }

  // As the worker's mask will hide it.
  void hidden(const Dir& folder, const std::string& name,
              const std::string& application) {
    if (!is_secret(name)) return;
    std::string text;
    try {
      text = folder.read(name, kLargestSecret).value_or("");
    } catch (const Error& error) {
      return problem(folder.path_of(name), error.cause());
    }
    if (text.ends_with('\n')) text.pop_back();
    if (const auto why = why_not_hidden(essence(text), application)) {
      note(folder.path_of(name),
           *why + ", so logs will show it; use a longer, random one");
    } else if (const std::string more = beside_value(text); !more.empty()) {
      note(folder.path_of(name), more +
           ", which templates write into files; remove them if the application "
           "does not expect them");
    }
  }

  void secret(const std::string& path, const struct stat& status,
              mode_t wanted) {
    if (S_ISLNK(status.st_mode)) {
      return problem(path, "is a link; replace it by the file itself");
    }
    if (status.st_uid != owners_.admin) {
      problem(path, "belongs to uid " + std::to_string(status.st_uid) +
                        ", not to root; chown root:berth");
    }
    if (owners_.runner_group && status.st_gid != *owners_.runner_group) {
      problem(path, "berth cannot read it: group " +
                        std::to_string(status.st_gid) + "; chgrp berth");
    }
    if ((status.st_mode & 0777 & ~wanted) != 0) {
      problem(path, "mode " + octal(status.st_mode) +
                        " lets others read or write it; chmod " +
                        octal(wanted));
    } else if ((status.st_mode & 040) == 0) {
      problem(path, "berth cannot read it (mode " + octal(status.st_mode) +
                        "); chmod " + octal(wanted));
    }
  }

  // A certificate for a build's curl, which runs as berth.
  void certificate(const std::string& path) {
    struct stat status {};
    if (path.empty()) return;
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
      return problem(path, "no such file, but verify's `ca` names it");
    }
    trusted(path, status);
    readable(path, status);
  }

  const Config& config_;
  const Owners& owners_;
  Findings findings_;
  // secrets that the current application's templates use
  std::set<std::string> named_;
};

}  // namespace

Owners usual_owners() {
  Owners owners;
  if (const struct group* found = ::getgrnam("berth")) {
    owners.runner_group = found->gr_gid;
  }
  return owners;
}

Findings check_files(const Config& config, const Owners& owners) {
  return Look(config, owners).all();
}

std::vector<std::string> secrets_named(const std::string& text) {
  static const std::string kOpen = "{{secret.";
  std::set<std::string> names;
  std::size_t at = 0;
  while ((at = text.find(kOpen, at)) != std::string::npos) {
    at += kOpen.size();
    const std::size_t end = text.find_first_of(":}\n", at);
    if (end == std::string::npos) break;
    if (end > at) names.insert(text.substr(at, end - at));
  }
  return {names.begin(), names.end()};
}

}  // namespace berth::ctl
