// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/enrolment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/dir.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/tar.hpp"
#include "base/text.hpp"
#include "store/accounts.hpp"

namespace berth {
namespace {

constexpr std::size_t kLargestEnrolment = 256 * 1024;

constexpr std::array kGuestsOwn = {
    "user",       "group",  "together",  "files",   "converge", "prepare",
    "configtest", "reload", "error_log", "deadline"};
constexpr std::array kConsoles = {"root", "kind", "repository", "shared"};

template <class Words>
bool has(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// As in guest.conf: lines whose first character is # are comments.
std::string without_comments(const std::string& text) {
  std::string out;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t at = line.find_first_not_of(" \t");
    if (at == std::string::npos || line[at] != '#') out += line;
    out += '\n';
  }
  return out;
}

json::object read_part(const std::string& path, const std::string& text) {
  json::value value;
  try {
    value = parse_json(without_comments(text));
  } catch (const JsonError& e) {
    throw Error("read", path, e.what());
  }
  if (!value.is_object()) throw Error("read", path, "must be a JSON object");
  for (const auto& [key, unused] : value.get_object()) {
    if (has(kConsoles, key)) {
      throw Error("read", path, std::string(key) +
                                    " is taken from [application.*] of "
                                    "berth.conf; remove it here");
    }
    if (!has(kGuestsOwn, key)) {
      throw Error("read", path, "unknown key " + printable(key, 64));
    }
  }
  return value.get_object();
}

json::object whole(const ApplicationConfig& application, json::object part) {
  json::array shared;
  for (const auto& folder : application.shared) shared.emplace_back(folder);
  part["root"] = application.root;
  part["kind"] = application.kind;
  part["repository"] = application.repository;
  part["shared"] = std::move(shared);
  return part;
}

// Whether a server may have both applications, judging by their patterns.
bool can_meet(const ApplicationConfig& a, const ApplicationConfig& b) {
  for (const std::string& one : a.servers) {
    for (const std::string& other : b.servers) {
      if (glob_match(one, other) || glob_match(other, one)) return true;
    }
  }
  return false;
}

void add(std::vector<TarFile>& to, const Dir& folder, const std::string& name,
         const std::string& path, mode_t mode) {
  auto text = folder.read(name, kLargestEnrolment);
  if (!text) throw Error("read", folder.path_of(name), "no such file");
  to.push_back({path, std::move(*text), mode});
}

}  // namespace

GuestConf guest_conf_for(const Config& config, const std::string& server) {
  GuestConf out;
  json::object applications;
  std::vector<Accounts> accounts;
  const std::string folder = config.folder + "/guest";
  for (const auto& [name, application] : config.applications) {
    if (!application.allowed_on(server)) continue;
    std::optional<std::string> text;
    const std::string path = folder + "/" + name + ".json";
    try {
      text = Dir(folder).read(name + ".json", kLargestEnrolment);
    } catch (const Error& e) {
      throw Error("read", path, e.cause());
    }
    if (!text) {
      out.left_out.push_back(name + " is left out: no file " + path);
      continue;
    }
    const json::object part = read_part(path, *text);
    accounts.push_back(accounts_of(application, part));
    applications[name] = whole(application, part);
    out.applications.push_back(name);
  }
  if (out.applications.empty()) {
    throw Error("enrol", server,
                out.left_out.empty()
                    ? "berth.conf has no application that may be built there"
                    : out.left_out.front() +
                          "; see share/berth/guest/guest.json.example");
  }
  if (const auto why = clash_among(accounts)) {
    throw Error("enrol", server, *why);
  }
  const json::value conf = {{"version", 1}, {"applications", applications}};
  out.text = json::serialize(conf) + "\n";
  return out;
}

std::string public_key_of(const std::string& home) {
  const std::string folder = home + "/.ssh";
  for (const char* name : {"id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"}) {
    const auto text = Dir(folder).read(name, 16 * 1024);
    if (!text) continue;
    const auto words = split(text->substr(0, text->find('\n')), ' ');
    const bool good =
        words.size() >= 2 && !words[1].empty() &&
        words[0].find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789@.-") ==
            std::string::npos &&
        words[1].find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz"
                                   "0123456789+/=") == std::string::npos;
    if (!good) throw Error("read", folder + "/" + name, "not a public key");
    return words[0] + " " + words[1];
  }
  throw Error("find", "berth's key",
              "no key in " + folder +
                  "; make one: runuser -u berth -- ssh-keygen -t ed25519 -N '' "
                  "-f " + folder + "/id_ed25519");
}

std::vector<std::string> guest_file_problems(const Config& config) {
  std::vector<std::string> out;
  const std::string folder = config.folder + "/guest";
  if (::access(folder.c_str(), F_OK) != 0) return out;
  std::vector<Accounts> seen;
  std::vector<const ApplicationConfig*> whose;
  for (const auto& [name, application] : config.applications) {
    const std::string path = folder + "/" + name + ".json";
    try {
      const auto text = Dir(folder).read(name + ".json", kLargestEnrolment);
      if (!text) continue;
      const Accounts mine = accounts_of(application, read_part(path, *text));
      if (const auto why = clash_among({mine})) out.push_back(*why);
      for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!can_meet(*whose[i], application)) continue;
        const auto alone = clash_among({seen[i]});
        const auto why = clash_among({seen[i], mine});
        if (why && !alone && !clash_among({mine})) out.push_back(*why);
      }
      seen.push_back(mine);
      whose.push_back(&application);
    } catch (const Error& e) {
      out.push_back(name + ".json: " + e.cause());
    }
  }
  return out;
}

std::optional<GuestAccount> guest_account_of(const Config& config,
                                             const std::string& application) {
  const std::string folder = config.folder + "/guest";
  try {
    const auto text = Dir(folder).read(application + ".json",
                                       kLargestEnrolment);
    if (!text) return std::nullopt;
    const json::object part =
        read_part(folder + "/" + application + ".json", *text);
    GuestAccount out{string_or(part, "user", ""),
                     string_or(part, "group", "")};
    if (out.user.empty()) return std::nullopt;
    if (out.group.empty()) out.group = out.user;
    return out;
  } catch (const Error&) {
    return std::nullopt;  // enrolling reports what is wrong with it
  }
}

std::string enrolment_tar(const std::string& folder, const GuestConf& conf,
                          const std::string& public_key,
                          const std::string& from) {
  std::vector<TarFile> files;
  const Dir programs(folder);
  add(files, programs, "berth-enroll", "berth-enroll", 0700);
  add(files, programs, "berth-guest", "berth-guest", 0755);
  const Dir parts(programs, "berth-guest.d");
  for (const auto& name : parts.names()) {
    if (!name.ends_with(".bash")) continue;
    add(files, parts, name, "berth-guest.d/" + name, 0644);
  }
  files.push_back({"guest.conf", conf.text, 0644});
  files.push_back({"key", public_key + "\n", 0644});
  if (!from.empty()) files.push_back({"from", from + "\n", 0644});
  return make_tar(files);
}

}  // namespace berth
