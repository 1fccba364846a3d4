// SPDX-License-Identifier: GPL-2.0-or-later
#include "worker/job/confined.hpp"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <string_view>

#include "base/error.hpp"
#include "base/text.hpp"
#include "store/layout.hpp"

namespace berth::worker {
namespace {

// A relative HOME is ignored: it would depend on the current folder.
std::string home_of_ours() {
  const char* home = ::getenv("HOME");
  if (home && *home == '/') return home;
  const passwd* me = ::getpwuid(::geteuid());
  return me && *me->pw_dir == '/' ? me->pw_dir : "/nonexistent";
}

void let_read(Confinement& out, const std::string& path) {
  if (path.starts_with('/')) out.read.push_back(path);
}

void let_use_network(Confinement& out) {
  out.calls.sockets = Sockets::network;
  out.read.push_back("/var/lib/libvirt/dnsmasq");
}

void let_read_settings_of_git(Confinement& out) {
  for (const char* name :
       {"/.gitconfig", "/.config/git", "/.git-credentials", "/.netrc"}) {
    out.read.push_back(home_of_ours() + name);
  }
  out.read.push_back("/etc/gitconfig");
}

// The home folder that ssh uses, which ignores HOME.
std::string home_of_account() {
  const passwd* me = ::getpwuid(::geteuid());
  return me && *me->pw_dir == '/' ? me->pw_dir : home_of_ours();
}

[[noreturn]] void refuse_url(const std::string& url, const std::string& why) {
  throw Error("use", "repository " + url, why + "; use file:///PATH");
}

std::string percent_decoded(const std::string& text, const std::string& url) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
    if (low < 0 || high * 16 + low == 0) {
      refuse_url(url, "it contains %00 or a % without two hexadecimal digits");
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace

bool is_over_ssh(const std::string& repository) {
  const auto scheme = repository.find("://");
  if (scheme == std::string::npos) {  // host:path
    return !repository.starts_with('/');
  }
  return repository.substr(0, scheme).find("ssh") != std::string::npos;
}

std::string local_repository(const std::string& url, const std::string& kind) {
  if (url.starts_with('/')) return url;
  const std::size_t colon = url.find(':');
  if (lower(url.substr(0, colon)) != "file") return "";
  if (url.substr(0, 7) != "file://") {
    refuse_url(url, "it does not begin with file:// in lower case");
  }
  std::string path = url.substr(7);
  // git takes localhost as the name of a folder.
  constexpr std::string_view kHere = "localhost/";
  if (kind == "svn" && path.starts_with(kHere)) {
    path.erase(0, kHere.size() - 1);
  }
  if (!path.starts_with('/')) refuse_url(url, "it names a host");
  return percent_decoded(path, url);
}

Confinement confined_pg_restore(const std::string& dump) {
  Confinement out = confined_program();
  // Debian's pg_restore is a script that selects one of several releases.
  out.run.push_back("/usr/share/postgresql-common");
  for (const char* path : {"/etc/postgresql", "/etc/postgresql-common",
                           "/etc/perl"}) {
    out.read.push_back(path);
  }
  out.foreign.push_back(dump);
  return out;
}

Confinement confined_pg_restore(
    const std::string& dump, const std::string& list,
    const std::map<std::string, std::string>& conninfo) {
  Confinement out = confined_pg_restore(dump);
  out.read.push_back(list);
  out.read.push_back("/etc/krb5.conf");
  for (const char* file : {"root.crt", "root.crl"}) {
    out.read.push_back(home_of_ours() + "/.postgresql/" + file);
  }
  for (const char* option :
       {"sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir"}) {
    const auto found = conninfo.find(option);
    if (found != conninfo.end()) let_read(out, found->second);
  }
  // With several jobs pg_restore stops its other children when one fails.
  out.calls.signals = true;
  const auto host = conninfo.find("host");
  if (host != conninfo.end() && host->second.starts_with('/') &&
      host->second.find(',') == std::string::npos &&
      !conninfo.contains("hostaddr")) {
    out.calls.sockets = Sockets::local;
  } else {
    let_use_network(out);
  }
  return out;
}

Confinement confined_rsync(const std::string& folder) {
  Confinement out = confined_program();
  out.write.push_back(folder);
  out.calls = {Sockets::local, true, true};
  return out;
}

Confinement confined_repository(const ApplicationConfig& application,
                                const std::string& scratch) {
  Confinement out = confined_program();
  const std::string& url = application.repository;
  const std::string local = local_repository(url, application.kind);
  if (application.kind == "git") {
    let_read_settings_of_git(out);
  } else {
    out.read.push_back(home_of_ours() + "/.subversion");
    out.read.push_back("/etc/subversion");
  }
  if (!local.empty()) {
    out.read.push_back(local);
  } else if (is_over_ssh(url)) {
    out.calls.sockets = Sockets::local;
  } else {
    let_use_network(out);
  }
  if (!scratch.empty()) out.write.push_back(scratch);
  return out;
}

Confinement confined_scratch(const std::string& scratch) {
  Confinement out = confined_program();
  let_read_settings_of_git(out);
  out.write.push_back(scratch);
  return out;
}

Confinement confined_ssh(const std::string& sockets) {
  Confinement out = confined_program();
  let_use_network(out);
  out.read.push_back(home_of_account() + "/.ssh");
  for (const char* path :
       {"/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d",
        "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2",
        "/etc/crypto-policies", "/etc/krb5.conf"}) {
    out.read.push_back(path);
  }
  if (!sockets.empty()) out.listen.push_back(sockets);
  return out;
}

Confinement confined_ssh(const Config& config, const std::string& sockets) {
  Confinement out = confined_ssh(sockets);
  out.read.push_back(config.folder + "/ssh_config");
  out.read.push_back(config.folder + "/known_hosts");
  out.read.push_back(Layout(config.paths).known_hosts);
  return out;
}

Confinement confined_curl(const VerifyConfig& verify) {
  Confinement out = confined_program();
  let_use_network(out);
  let_read(out, verify.ca);
  return out;
}

Confinement confined_diff() { return confined_program(); }

Confinement confined_key_search(const std::string& known_hosts) {
  Confinement out = confined_program();
  let_read(out, known_hosts);
  return out;
}

Confinement confined_seed(const std::string& folder) {
  Confinement out = confined_program();
  out.write.push_back(folder);
  return out;
}

}  // namespace berth::worker
