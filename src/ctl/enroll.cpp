// SPDX-License-Identifier: GPL-2.0-or-later
// berthctl enroll SERVER [--login USER@ADDRESS] [--yes]: makes a machine a
// guest, or upgrades its berth-guest. It uses the administrator's own ssh,
// which authenticates the machine: the host keys that the machine then reports
// are recorded, and from then on berth's own connections accept no others.
//
// It has three parts, and can be repeated as a whole after a kill in any of
// them: berth-enroll on the guest (its first comment lists what exists when),
// recording the host keys here, and a check as berth, with berth's key, that it
// works.
//
// berthd has no part in it, because nothing that berthd keeps is changed. Only
// root may run it, because root's known_hosts decides whom berth trusts.
//
//   --from PATTERNS  the addresses of berth as the guest sees them, for from=
//                    of the key. Default: `guest_from` of berth.conf, else the
//                    address of the administrator's session; `any`: no from=
//   --payload FILE   writes the tar to FILE ("-": stdout) and sends nothing,
//                    for an image or for a machine without ssh: unpack it in a
//                    folder of root's and run berth-enroll in it. Its output
//                    can be passed to
//   --said FILE      which records the host keys in it and checks the guest
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "base/atomic_file.hpp"
#include "base/error.hpp"
#include "base/name.hpp"
#include "base/programs.hpp"
#include "base/text.hpp"
#include "ctl/admin_ssh.hpp"
#include "ctl/command.hpp"
#include "ctl/confirm.hpp"
#include "ctl/host_keys.hpp"
#include "store/enrolment.hpp"

namespace berth::ctl {
namespace {

constexpr std::int64_t kEnrolPatience = 300;  // a person may type a password
constexpr std::int64_t kLookPatience = 60;
constexpr std::string_view kPrefix = "berth-enroll ";

struct EnrolmentAsked {
  std::string server;
  std::string login;    // empty: root@SERVER
  std::string payload;  // empty: send it
  std::string said;     // empty: ask the guest
  std::string from;     // empty: berth.conf's, or the guest's view
  bool yes = false;
};

EnrolmentAsked enrolment_asked(const CommandLine& line, const Words& words) {
  if (words.size() != 1 || !is_server_name(words[0])) {
    throw UsageError("enroll requires a server");
  }
  for (const char* name : {"login", "payload", "said", "from"}) {
    if (line.has(name) && line.value(name).empty()) {
      throw UsageError(std::string("--") + name + " requires a value");
    }
  }
  EnrolmentAsked asked{words[0],           line.value("login"),
                       line.value("payload"), line.value("said"),
                       line.value("from"),    line.has("yes")};
  for (const auto& pattern : split(asked.from, ',')) {
    if (!asked.from.empty() && !is_address_pattern(pattern)) {
      throw UsageError("--from: must be addresses separated by commas");
    }
  }
  if (asked.login.empty()) asked.login = "root@" + asked.server;
  if (asked.login.front() == '-') {
    throw UsageError("--login: must not begin with '-'");
  }
  return asked;
}

constexpr std::size_t kMostKeys = 8;  // an sshd has three

// What berth-enroll printed, whatever a login shell has printed around it.
struct Said {
  std::vector<std::string> keys, notes;
  std::string version;
  bool done = false;
};

Said read_said(const std::string& out) {
  Said said;
  for (const auto& line : split(out, '\n')) {
    if (!line.starts_with(kPrefix)) continue;
    const std::string rest = line.substr(kPrefix.size());
    const std::string text = rest.substr(std::min(rest.find(' ') + 1,
                                                  rest.size()));
    if (rest == "done") said.done = true;
    if (rest.starts_with("note ")) said.notes.push_back(text);
    if (rest.starts_with("version ")) said.version = text;
    // It becomes a line of known_hosts: two plain words, nothing else.
    if (rest.starts_with("hostkey ") && split(text, ' ').size() == 2 &&
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz"
                               "0123456789+/=@.- ") == std::string::npos &&
        said.keys.size() < kMostKeys && is_as_ssh_writes(text)) {
      said.keys.push_back(text);
    }
  }
  return said;
}

std::string runners_home() {
  const auto account = find_account("berth");
  if (!account) {
    throw Error("find", "berth's key",
                "no account berth; run systemd-sysusers");
  }
  return account->home;
}

int write_payload(const std::string& file, const std::string& tar) {
  if (file == "-") {
    write_all(1, tar, "standard output");
    return kAccepted;
  }
  Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) throw_errno("write", file);
  write_all(fd.get(), tar, file);
  return kAccepted;
}

std::string read_said_file(const std::string& file) {
  Fd fd(file == "-" ? ::dup(0) : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw_errno("read", file);
  return read_all(fd.get(), 1 << 20, file).value_or("");
}

std::string from_where(const Config& config, const EnrolmentAsked& asked) {
  return asked.from.empty() ? join(config.guest_from, ",") : asked.from;
}

std::string install(const Context& context, const EnrolmentAsked& asked,
                    const std::string& tar) {
  const auto result = run_as_admin(asked.login, kEnrolCommand, tar,
                                   patience(context, kEnrolPatience));
  if (result.timed_out) {
    throw Error("enroll", asked.server, "not completed in time");
  }
  if (!result.status.ok()) {
    throw Error("enroll", asked.server + " as " + asked.login,
                result.status.text() +
                    "; see the messages above, then run it again");
  }
  return result.out;
}

// Recorded keys that the machine no longer has must be confirmed by a person:
// either the machine was reinstalled, or it is another machine.
bool may_record(const Config& config, const EnrolmentAsked& asked,
                const Said& said) {
  refuse_keys_of_others(config, asked.server, said.keys);
  const auto before = recorded_keys(config, asked.server);
  bool changed = !before.empty();
  for (const auto& key : before) {
    for (const auto& now : said.keys) changed = changed && key != now;
  }
  if (!changed || asked.yes) return true;
  for (const auto& key : before) {
    std::printf("  recorded  %s\n", shown_key(key).c_str());
  }
  return confirmed("The host key of " + asked.server +
                       " has changed. If the machine was reinstalled, berth "
                       "will accept only the new key.",
                   asked.server, "if it was reinstalled, use --yes");
}

// As berth, with berth's key and the recorded host keys.
int look(const Config& config, const std::string& server) {
  ChildOptions options;
  options.account = find_account("berth");
  options.environment = minimal_environment(options.account);
  const auto result = run({program_path("berth-worker"), "--config",
                           config.file, "reach", server},
                          kLookPatience * 1000, 1 << 16, options);
  for (const auto& line : split(result.out + result.err, '\n')) {
    if (!line.empty()) std::printf("  %s\n", printable(line, 500).c_str());
  }
  std::fflush(stdout);
  if (result.status.ok()) return kAccepted;
  std::fprintf(stderr,
               "berthctl: %s is enrolled, but berth cannot reach it%s: check "
               "%s/ssh_config, and --from in berthctl(8) if berth has another "
               "address than you\n",
               server.c_str(), result.timed_out ? " in time" : "",
               config.folder.c_str());
  return kRefused;
}

}  // namespace

int enroll(const Context& context, const Words& words) {
  const EnrolmentAsked asked = enrolment_asked(context.line, words);
  if (::geteuid() != 0) {
    throw Error("enroll", asked.server, "run berthctl as root");
  }
  const Config config = load_config(context.config_file);
  std::string out;
  if (asked.said.empty()) {
    const GuestConf conf = guest_conf_for(config, asked.server);
    for (const auto& text : conf.left_out) {
      std::fprintf(stderr, "berthctl: %s\n", text.c_str());
    }
    const std::string tar = enrolment_tar(guest_folder(), conf,
                                          public_key_of(runners_home()),
                                          from_where(config, asked));
    if (!asked.payload.empty()) return write_payload(asked.payload, tar);
    out = install(context, asked, tar);
  } else {
    out = read_said_file(asked.said);
  }
  const Said said = read_said(out);
  for (const auto& note : said.notes) {
    std::printf("  note: %s\n", printable(note, 500).c_str());
  }
  if (!said.done || said.keys.empty()) {
    throw Error("enroll", asked.server,
                said.done ? "it reported no host key"
                          : "berth-enroll did not complete");
  }
  std::printf("berth-guest %s is on %s\n", printable(said.version).c_str(),
              asked.server.c_str());
  for (const auto& key : said.keys) {
    std::printf("  host key  %s\n", shown_key(key).c_str());
  }
  std::fflush(stdout);
  if (!may_record(config, asked, said)) return kRefused;
  record_keys(config, asked.server, said.keys);
  return look(config, asked.server);
}

}  // namespace berth::ctl
